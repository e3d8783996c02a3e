/**
 * Facts: a list of labels and values.
 * Must not: show a label whose value is not known.
 */
import type { Child } from "hono/jsx";
import type { Html } from "../scene.ts";

/** A label, and what is known; null or "": nothing. */
export type Fact = readonly [string, Child];

export function Facts({ rows }: { readonly rows: readonly Fact[] }): Html {
  return (
    <dl class="facts">
      {rows.map(([label, value]) =>
        value === null || value === "" ? null : (
          <div>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

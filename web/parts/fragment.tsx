/**
 * A piece of a page that lives: what `/live` sends replaces it as a whole.
 * Must not: hold the CSRF token, an open form, or anything else that belongs to one person.
 */
import { fragmentId, type Html } from "../scene.ts";
import type { WithChildren } from "./controls.tsx";

export function Fragment({
  name,
  children,
  ...rest
}: WithChildren & { readonly name: string; readonly class?: string }): Html {
  return (
    <div id={fragmentId(name)} class={rest.class} data-fragment={name}>
      {children}
    </div>
  );
}

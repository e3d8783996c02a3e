/**
 * Boxes to tick: one by itself, and several of one kind with their legend.
 * Why boxes and no list to hold keys in: they work with a thumb, by keyboard, and without script.
 * Must not: hold texts or rules.
 */
import type { Html } from "../scene.ts";
import type { Choice, Problems } from "./controls.tsx";

/** So many stand as they are; more scroll in a frame of their own. */
const SHOWN_MAX = 12;

export function Tick({
  name,
  label,
  checked,
  value = "1",
  problems,
}: {
  readonly name: string;
  readonly label: string;
  readonly checked: boolean;
  readonly value?: string;
  readonly problems?: Problems | undefined;
}): Html {
  const problem = problems?.get(name);
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          name={name}
          value={value}
          checked={checked}
          aria-invalid={problem ? "true" : undefined}
          aria-describedby={problem ? `${name}-problem` : undefined}
        />
        <span>{label}</span>
      </label>
      {problem ? (
        <p class="problem" id={`${name}-problem`}>
          {problem}
        </p>
      ) : null}
    </>
  );
}

export function TickList({
  name,
  legend,
  choices,
  chosen,
  hint,
  problems,
  plain = false,
}: {
  readonly name: string;
  readonly legend: string;
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly hint?: string;
  readonly problems?: Problems | undefined;
  /** The legend is for those who listen: what stands around says it already. */
  readonly plain?: boolean;
}): Html {
  const problem = problems?.get(name);
  const described = [hint ? `${name}-hint` : "", problem ? `${name}-problem` : ""].filter(Boolean);
  return (
    <fieldset class="ticks" id={name} aria-describedby={described.join(" ") || undefined}>
      <legend class={plain ? "unseen" : undefined}>{legend}</legend>
      {hint ? (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      ) : null}
      {problem ? (
        <p class="problem" id={`${name}-problem`}>
          {problem}
        </p>
      ) : null}
      <div class={choices.length > SHOWN_MAX ? "tick-grid tick-many" : "tick-grid"}>
        {choices.map(({ value, label }) => (
          <Tick name={name} value={value} label={label} checked={chosen.includes(value)} />
        ))}
      </div>
    </fieldset>
  );
}

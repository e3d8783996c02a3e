/**
 * Buttons, fields and messages that every page shares.
 * Why one hidden form for all plain buttons: it carries the CSRF token outside the live fragments, so a fragment is equal
 * for everybody who watches; a button names where it goes with `formaction`. It works without script.
 * Must not: hold texts or know routes.
 */
import type { Child } from "hono/jsx";
import type { Texts } from "../i18n/id.ts";
import type { Html } from "../scene.ts";

export const ACT_FORM_ID = "act";

/** Adapts this file's own children type: pages pass text, elements or lists. */
export interface WithChildren {
  readonly children?: Child;
}

/** A button that does one thing at once, with nothing typed. */
export function ActButton({
  action,
  kind = "plain",
  children,
  label,
}: WithChildren & {
  readonly action: string;
  readonly kind?: "plain" | "primary" | "danger" | "small";
  /** When the visible word alone does not say to what. */
  readonly label?: string;
}): Html {
  return (
    <button
      type="submit"
      form={ACT_FORM_ID}
      formaction={action}
      class={`button button-${kind}`}
      aria-label={label}
      data-focus={action}
    >
      {children}
    </button>
  );
}

export function Csrf({ token }: { readonly token: string }): Html {
  return <input type="hidden" name="csrf" value={token} />;
}

/** Field name → what is wrong with it, as a text of the person's language. */
export type Problems = ReadonlyMap<string, string>;

export interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly hint?: string | undefined;
  readonly problems?: Problems | undefined;
  readonly type?: "text" | "password" | "date" | "time" | "search" | "number" | "datetime-local";
  readonly required?: boolean;
  readonly autocomplete?: string;
  readonly inputmode?: "text" | "numeric" | "decimal" | "url";
  readonly maxlength?: number;
  readonly autofocus?: boolean;
  readonly list?: string;
  readonly placeholder?: string;
}

function Described({
  name,
  hint,
  problem,
}: {
  readonly name: string;
  readonly hint: string | undefined;
  readonly problem: string | undefined;
}): Html {
  return (
    <>
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
    </>
  );
}

function describedBy(
  name: string,
  hint: string | undefined,
  problem: string | undefined,
): string | undefined {
  const ids = [hint ? `${name}-hint` : "", problem ? `${name}-problem` : ""].filter(Boolean);
  return ids.length > 0 ? ids.join(" ") : undefined;
}

export function Field(props: FieldProps): Html {
  const problem = props.problems?.get(props.name);
  return (
    <div class="field">
      <label for={props.name}>{props.label}</label>
      <input
        id={props.name}
        name={props.name}
        type={props.type ?? "text"}
        value={props.value ?? ""}
        required={props.required ?? false}
        autocomplete={props.autocomplete ?? "off"}
        inputmode={props.inputmode}
        maxlength={props.maxlength}
        autofocus={props.autofocus ?? false}
        list={props.list}
        placeholder={props.placeholder}
        aria-invalid={problem ? "true" : undefined}
        aria-describedby={describedBy(props.name, props.hint, problem)}
      />
      <Described name={props.name} hint={props.hint} problem={problem} />
    </div>
  );
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export function Select({
  name,
  label,
  value,
  choices,
  hint,
  problems,
}: {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly hint?: string;
  readonly problems?: Problems | undefined;
}): Html {
  const problem = problems?.get(name);
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <select
        id={name}
        name={name}
        aria-invalid={problem ? "true" : undefined}
        aria-describedby={describedBy(name, hint, problem)}
      >
        {choices.map((choice) => (
          <option value={choice.value} selected={choice.value === value}>
            {choice.label}
          </option>
        ))}
      </select>
      <Described name={name} hint={hint} problem={problem} />
    </div>
  );
}

/** What is wrong with a form, at its top, each line a link to its field. */
export function ProblemList({
  texts,
  problems,
  labels = {},
}: {
  readonly texts: Texts;
  readonly problems: Problems | undefined;
  /** Field → its label; a page may pass its texts as they are, what is no text is not a label. */
  readonly labels?: Readonly<Record<string, unknown>>;
}): Html | null {
  if (!problems || problems.size === 0) return null;
  const line = (field: string, text: string) => {
    const label = labels[field];
    return typeof label === "string" ? <a href={`#${field}`}>{`${label}: ${text}`}</a> : text;
  };
  return (
    <div class="message message-problem" role="alert">
      <p>{texts.common.problems}</p>
      <ul>
        {[...problems].map(([field, text]) => (
          <li>{line(field, text)}</li>
        ))}
      </ul>
    </div>
  );
}

/** An empty place that teaches the next step. */
export function Empty({
  title,
  hint,
  children,
}: WithChildren & {
  /** null where the page's own title says it already. */
  readonly title: string | null;
  readonly hint: string;
}): Html {
  return (
    <div class="empty">
      {title === null ? null : <p class="empty-title">{title}</p>}
      <p>{hint}</p>
      {children}
    </div>
  );
}

/** A text to copy as a whole. The button is drawn by script only, as it needs it. */
export function Command({
  label,
  text,
  texts,
}: {
  readonly label: string;
  readonly text: string;
  readonly texts: Texts;
}): Html {
  return (
    <div class="command">
      <p class="command-label">{label}</p>
      <div class="command-line">
        <code tabindex={0} role="group" aria-label={label}>
          {text}
        </code>
        <button
          type="button"
          class="button button-plain needs-script"
          data-copy={text}
          data-copied={texts.common.copied}
          aria-label={`${texts.common.copy}: ${label}`}
        >
          {texts.common.copy}
        </button>
      </div>
    </div>
  );
}

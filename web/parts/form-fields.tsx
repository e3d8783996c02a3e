/**
 * The fields of one form: what was typed into them and what is wrong with them is said once for all.
 * Why: a form that names its values field by field shows the wrong one sooner or later.
 * Must not: hold texts or rules, or know what a form is for.
 */
import { byName } from "../look.ts";
import type { Html } from "../scene.ts";
import { Field, Select, type Choice, type FieldProps, type Problems } from "./controls.tsx";

type More = Omit<FieldProps, "name" | "label" | "value" | "problems">;

export interface FormFields<Name extends string> {
  readonly field: (name: Name, label: string, more?: More) => Html;
  readonly select: (name: Name, label: string, choices: readonly Choice[], hint?: string) => Html;
}

/** Field name → what stands in it, and field name → what is wrong with it. */
export function formFields<Name extends string>(
  values: Readonly<Record<Name, string>>,
  problems: Problems | undefined,
): FormFields<Name> {
  return {
    field: (name, label, more) => (
      <Field name={name} label={label} value={values[name]} problems={problems} {...more} />
    ),
    select: (name, label, choices, hint) => (
      <Select
        name={name}
        label={label}
        value={values[name]}
        choices={choices}
        problems={problems}
        {...(hint === undefined ? {} : { hint })}
      />
    ),
  };
}

/** What was typed into these fields; "" where nothing was, or the form did not have it. */
export function typedValues<Name extends string>(
  form: { text(name: string): string },
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  return Object.fromEntries(names.map((name) => [name, form.text(name)])) as Record<Name, string>;
}

/** Servers or sites to choose from, by name. */
export function namedChoices(
  things: Iterable<{ readonly id: string; readonly name: string }>,
): readonly Choice[] {
  return [...things].sort(byName).map(({ id, name }) => ({ value: id, label: name }));
}

/**
 * One route as a form: which incidents, who in up to four rows and when, repeats, who stands in; and what the rules read.
 * Why each row in a fold of its own: most routes have one; the others open without script.
 * Must not: hold rules (they are rules-telling.ts, and the collector's).
 */
import type { Texts } from "../i18n/id.ts";
import { word } from "../i18n/language.ts";
import { byName } from "../look.ts";
import { numbersOf, wordsOf } from "../problems.ts";
import { ruleLimits } from "../rule-parts.ts";
import { incidentKinds } from "../rules-telling.ts";
import type { Html } from "../scene.ts";
import type { RouteInput } from "../source-recipients.ts";
import type { Form, Visit } from "../visit.ts";
import { Csrf, type Choice, type Problems } from "./controls.tsx";
import { formFields, namedChoices } from "./form-fields.tsx";
import { Tick, TickList } from "./tick-list.tsx";

/** Rows of a new route; one that the API gave more shows them all. */
const STEPS_SHOWN = 4;
/** What the collector's own route has: half an hour, 2 h, 6 h, then each day. */
const REPEATS_USUAL = "30, 120, 360, 1440";

interface StepValues {
  /** Minutes; of the first "0". */
  readonly after: string;
  readonly everyone: boolean;
  readonly to: readonly string[];
}
export interface RouteValues {
  readonly name: string;
  readonly siteIds: readonly string[];
  readonly tags: string;
  readonly kinds: readonly string[];
  readonly steps: readonly StepValues[];
  readonly repeats: string;
  readonly fallbackRecipientIds: readonly string[];
}

const noStep: StepValues = { after: "", everyone: false, to: [] };
const padded = (steps: readonly StepValues[]) => [
  ...steps,
  ...Array.from({ length: Math.max(0, STEPS_SHOWN - steps.length) }, () => noStep),
];

export const newRoute: RouteValues = {
  name: "",
  siteIds: [],
  tags: "",
  kinds: [],
  steps: padded([{ after: "0", everyone: true, to: [] }]),
  repeats: REPEATS_USUAL,
  fallbackRecipientIds: [],
};

export function valuesOfRoute(route: RouteInput): RouteValues {
  const minutes = (seconds: number) => String(seconds / 60);
  return {
    name: route.name,
    siteIds: route.siteIds,
    tags: route.tags.join(", "),
    kinds: route.kinds,
    steps: padded(
      route.steps.map(({ afterSeconds, to }) => ({
        after: minutes(afterSeconds),
        everyone: to === "everyone",
        to: to === "everyone" ? [] : to,
      })),
    ),
    repeats: route.repeatSeconds.map(minutes).join(", "),
    fallbackRecipientIds: route.fallbackRecipientIds,
  };
}

export function typedRoute(form: Form): RouteValues {
  const rows = Array.from({ length: ruleLimits.routeStepsMax }, (_, index) => index + 1);
  return {
    name: form.text("name"),
    siteIds: form.list("siteIds"),
    tags: form.text("tags"),
    kinds: form.list("kinds"),
    steps: padded(
      rows
        .filter((row) => row === 1 || form.has(`step${row}After`))
        .map((row) => ({
          after: row === 1 ? "0" : form.text(`step${row}After`),
          everyone: form.has(`step${row}Everyone`),
          to: form.list(`step${row}To`),
        })),
    ),
    repeats: form.text("repeats"),
    fallbackRecipientIds: form.list("fallbackRecipientIds"),
  };
}

const isUsed = ({ after, everyone, to }: StepValues, index: number) =>
  index === 0 || after !== "" || everyone || to.length > 0;

/** What the rules read. Rows that nobody filled in are no steps. */
export function routeInputOf(values: RouteValues, enabled: boolean): unknown {
  return {
    name: values.name,
    enabled,
    siteIds: values.siteIds,
    tags: wordsOf(values.tags),
    kinds: values.kinds,
    steps: values.steps.filter(isUsed).map(({ after, everyone, to }) => ({
      afterSeconds: /^\d{1,6}$/.test(after) ? Number(after) * 60 : Number.NaN,
      to: everyone ? "everyone" : to,
    })),
    repeatSeconds: numbersOf(values.repeats).map((minutes) => minutes * 60),
    fallbackRecipientIds: values.fallbackRecipientIds,
  };
}

/** A field of the rules → the field of this form. */
export function routeProblems(problems: Problems): Problems {
  return new Map([...problems].map(([field, text]) => [field === "repeatSeconds" ? "repeats" : field, text]));
}

export function routeLabels({ routes }: Texts): Readonly<Record<string, string>> {
  return {
    name: routes.name,
    siteIds: routes.sites,
    tags: routes.tags,
    kinds: routes.kinds,
    steps: routes.steps,
    repeats: routes.repeats,
    fallbackRecipientIds: routes.fallbacks,
  };
}

function StepRow({
  texts,
  row,
  step,
  people,
}: {
  readonly texts: Texts;
  readonly row: number;
  readonly step: StepValues;
  readonly people: readonly Choice[];
}): Html {
  const { routes } = texts;
  const content = (
    <>
      {row === 1 ? null : (
        <div class="field step-after">
          <label for={`step${row}After`}>{routes.stepAfter}</label>
          <input
            id={`step${row}After`}
            name={`step${row}After`}
            value={step.after}
            inputmode="numeric"
            maxlength={5}
            autocomplete="off"
          />
        </div>
      )}
      <div class="step-everyone">
        <Tick name={`step${row}Everyone`} label={routes.stepEveryone} checked={step.everyone} />
      </div>
      {people.length === 0 ? null : (
        <div class="step-people">
          <TickList
            name={`step${row}To`}
            legend={row === 1 ? routes.stepFirst : routes.step(row)}
            choices={people}
            chosen={step.to}
            plain
          />
        </div>
      )}
    </>
  );
  if (row === 1)
    return (
      <div class="step">
        <p class="step-title">{routes.stepFirst}</p>
        {content}
      </div>
    );
  return (
    <details class="step" open={isUsed(step, row - 1)}>
      <summary class="step-title">{routes.step(row)}</summary>
      {content}
    </details>
  );
}

export function RouteForm({
  visit,
  values,
  problems,
  path,
}: {
  readonly visit: Visit;
  readonly values: RouteValues;
  readonly problems: Problems | undefined;
  readonly path: string;
}): Html {
  const { texts, scene } = visit;
  const { routes, common } = texts;
  const { field } = formFields({ name: values.name, tags: values.tags, repeats: values.repeats }, problems);
  const staff = [...scene.source.recipients()].filter(({ audience }) => audience === "staff").sort(byName);
  const people = staff.map(({ id, name }) => ({ value: id, label: name }));
  const stepsProblem = problems?.get("steps");
  return (
    <form class="form" method="post" action={path} novalidate>
      <Csrf token={visit.csrf} />
      {field("name", routes.name, { required: true, maxlength: ruleLimits.nameLength })}
      <fieldset class="group">
        <legend>{routes.which}</legend>
        <p class="hint">{routes.whichHint}</p>
        <TickList
          name="kinds"
          legend={routes.kinds}
          hint={routes.kindsHint}
          choices={incidentKinds.map((kind) => ({ value: kind, label: word(texts.kind, kind) }))}
          chosen={values.kinds}
          problems={problems}
        />
        {scene.look.sites.length === 0 ? null : (
          <TickList
            name="siteIds"
            legend={routes.sites}
            hint={routes.sitesHint}
            choices={namedChoices(scene.look.sites)}
            chosen={values.siteIds}
            problems={problems}
          />
        )}
        {field("tags", routes.tags, { hint: routes.tagsHint, maxlength: 900 })}
      </fieldset>
      <fieldset
        class="group"
        id="steps"
        aria-describedby={stepsProblem ? "steps-hint steps-problem" : "steps-hint"}
      >
        <legend>{routes.steps}</legend>
        <p class="hint" id="steps-hint">
          {routes.stepsHint}
        </p>
        {stepsProblem ? (
          <p class="problem" id="steps-problem">
            {stepsProblem}
          </p>
        ) : null}
        {values.steps.map((step, index) => (
          <StepRow texts={texts} row={index + 1} step={step} people={people} />
        ))}
        {people.length === 0 ? <p class="quiet">{routes.noRecipients}</p> : null}
      </fieldset>
      {field("repeats", routes.repeats, { hint: routes.repeatsHint, maxlength: 100, inputmode: "numeric" })}
      {people.length === 0 ? null : (
        <TickList
          name="fallbackRecipientIds"
          legend={routes.fallbacks}
          hint={routes.fallbacksHint}
          choices={people}
          chosen={values.fallbackRecipientIds}
          problems={problems}
        />
      )}
      <div class="actions">
        <button type="submit" class="button button-primary">
          {common.save}
        </button>
        <a class="button button-plain" href="/notifications">
          {common.cancel}
        </a>
      </div>
    </form>
  );
}

/**
 * The service check of a ping-only server in a form, and what trying it said.
 * Why all fields at once: it works without script; the stylesheet hides those that the choice does not need.
 * Must not: hold rules; they are rules.ts.
 */
import type { Texts } from "../i18n/id.ts";
import { ruleLimits } from "../rules.ts";
import { numberOf } from "../problems.ts";
import type { Html, Scene } from "../scene.ts";
import type { ProbeView, ServerCheck } from "../source-servers.ts";
import { Field, Select, type Problems } from "./controls.tsx";
import { ProbeList } from "./probe-list.tsx";

export const checkFields = [
  "checkType",
  "checkPort",
  "checkUrl",
  "checkExpectedStatus",
  "checkExpectedText",
] as const;
export type CheckValues = Readonly<Record<(typeof checkFields)[number], string>>;

export function checkValuesOf(check: ServerCheck | null): CheckValues {
  const http = check?.type === "http" ? check : null;
  return {
    checkType: check?.type ?? "",
    checkPort: check?.type === "tcp" ? String(check.port) : "",
    checkUrl: http?.url ?? "",
    checkExpectedStatus: String(http?.expectedStatus ?? ""),
    checkExpectedText: http?.expectedText ?? "",
  };
}

/** What the rules read: null where none is chosen. */
export function checkInputOf(values: Partial<CheckValues>): unknown {
  const { checkType: type = "" } = values;
  if (type === "") return null;
  if (type === "tcp") return { type, port: numberOf(values.checkPort ?? "") };
  return {
    type,
    url: values.checkUrl ?? "",
    expectedStatus: numberOf(values.checkExpectedStatus ?? ""),
    expectedText: values.checkExpectedText ?? "",
  };
}

/** Labels for the list of problems. */
export function checkLabels({ serverForm }: Texts): Readonly<Record<string, string>> {
  return {
    checkType: serverForm.check,
    checkPort: serverForm.checkPort,
    checkUrl: serverForm.checkUrl,
    checkExpectedStatus: serverForm.checkStatus,
    checkExpectedText: serverForm.checkText,
  };
}

export function CheckFields({
  texts,
  values,
  problems,
}: {
  readonly texts: Texts;
  readonly values: CheckValues;
  readonly problems: Problems | undefined;
}): Html {
  const { serverForm } = texts;
  return (
    <fieldset class="check-fields">
      <legend class="unseen">{serverForm.check}</legend>
      <Select
        name="checkType"
        label={serverForm.check}
        value={values.checkType}
        choices={[
          { value: "", label: serverForm.checkNone },
          { value: "tcp", label: serverForm.checkTcp },
          { value: "http", label: serverForm.checkHttp },
        ]}
        hint={serverForm.checkHint}
        problems={problems}
      />
      <div class="check-tcp">
        <Field
          name="checkPort"
          label={serverForm.checkPort}
          value={values.checkPort}
          problems={problems}
          inputmode="numeric"
          maxlength={5}
        />
      </div>
      <div class="check-http">
        <Field
          name="checkUrl"
          label={serverForm.checkUrl}
          value={values.checkUrl}
          hint={serverForm.checkUrlHint}
          problems={problems}
          inputmode="url"
          maxlength={ruleLimits.urlLength}
        />
        <div class="field-pair">
          <Field
            name="checkExpectedStatus"
            label={serverForm.checkStatus}
            value={values.checkExpectedStatus}
            hint={serverForm.checkStatusHint}
            problems={problems}
            inputmode="numeric"
            maxlength={3}
          />
          <Field
            name="checkExpectedText"
            label={serverForm.checkText}
            value={values.checkExpectedText}
            hint={serverForm.checkTextHint}
            problems={problems}
            maxlength={ruleLimits.expectedTextLength}
          />
        </div>
      </div>
    </fieldset>
  );
}

/** What a try said, and what it means for watching. `hasCheck`: a service was asked as well. */
export function TryResult({
  scene,
  probes,
  hasCheck,
}: {
  readonly scene: Scene;
  readonly probes: readonly ProbeView[];
  readonly hasCheck: boolean;
}): Html {
  const { add } = scene.texts;
  const alive = probes.some((probe) => probe.verdict === "alive");
  const works = probes.some((probe) => probe.asExpected === true);
  const verdict = alive
    ? hasCheck && !works
      ? add.triedWrong
      : add.triedAlive
    : probes.some((probe) => probe.verdict === "dead")
      ? add.triedDead
      : add.triedNone;
  return (
    <div class="check-result" role="status">
      <h3>{add.tried}</h3>
      <ProbeList scene={scene} probes={probes} />
      <p>{verdict}</p>
    </div>
  );
}

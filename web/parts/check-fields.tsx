/**
 * The service check of a ping-only server in a form, and what trying it said.
 * Why all fields at once: it works without script; the stylesheet hides those that the choice does not need.
 * Must not: hold rules; they are rules.ts.
 */
import type { Texts } from "../i18n/id.ts";
import { ruleLimits } from "../rule-parts.ts";
import { numberOf } from "../problems.ts";
import type { Html, Scene } from "../scene.ts";
import type { ProbeView, ServerCheck } from "../source-servers.ts";
import type { Problems } from "./controls.tsx";
import { formFields } from "./form-fields.tsx";
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
  const { field, select } = formFields(values, problems);
  return (
    <fieldset class="check-fields">
      <legend class="unseen">{serverForm.check}</legend>
      {select(
        "checkType",
        serverForm.check,
        [
          { value: "", label: serverForm.checkNone },
          { value: "tcp", label: serverForm.checkTcp },
          { value: "http", label: serverForm.checkHttp },
        ],
        serverForm.checkHint,
      )}
      <div class="check-tcp">
        {field("checkPort", serverForm.checkPort, { inputmode: "numeric", maxlength: 5 })}
      </div>
      <div class="check-http">
        {field("checkUrl", serverForm.checkUrl, {
          hint: serverForm.checkUrlHint,
          inputmode: "url",
          maxlength: ruleLimits.urlLength,
        })}
        <div class="field-pair">
          {field("checkExpectedStatus", serverForm.checkStatus, {
            hint: serverForm.checkStatusHint,
            inputmode: "numeric",
            maxlength: 3,
          })}
          {field("checkExpectedText", serverForm.checkText, {
            hint: serverForm.checkTextHint,
            maxlength: ruleLimits.expectedTextLength,
          })}
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

/**
 * All wishes of one recipient as a form in calm groups, and what the rules read from it.
 * Why all groups at once: it works without script; the stylesheet hides what the audience does not have.
 * Must not: hold rules (they are rules-telling.ts), or show a secret.
 */
import { minuteOf, minuteText } from "../i18n/format.ts";
import type { Texts } from "../i18n/id.ts";
import { wordsOf } from "../problems.ts";
import { ruleLimits } from "../rule-parts.ts";
import type { Html } from "../scene.ts";
import type { RecipientView } from "../source-recipients.ts";
import type { Form, Visit } from "../visit.ts";
import { Csrf, type Problems, type WithChildren } from "./controls.tsx";
import { formFields, namedChoices, typedValues } from "./form-fields.tsx";
import { audienceChoices, detailChoices, languageChoices } from "./recipient-choices.ts";
import { Tick, TickList } from "./tick-list.tsx";

const textFields = [
  "name",
  "address",
  "audience",
  "language",
  "detail",
  "quietFrom",
  "quietTo",
  "timeZone",
  "digestAt",
  "allowedPeople",
  "token",
] as const;
const ticks = ["pin", "monthlyReport", "board", "tokenRemove"] as const;

export interface RecipientValues {
  readonly texts: Readonly<Record<(typeof textFields)[number], string>>;
  readonly ticked: ReadonlySet<(typeof ticks)[number]>;
  readonly siteIds: readonly string[];
}

export function valuesOfRecipient(recipient: RecipientView): RecipientValues {
  const { quietHours: quiet, digestMinute } = recipient;
  return {
    texts: {
      name: recipient.name,
      address: recipient.address,
      audience: recipient.audience,
      language: recipient.language,
      detail: recipient.detail,
      quietFrom: quiet ? minuteText(quiet.fromMinute) : "",
      quietTo: quiet ? minuteText(quiet.toMinute) : "",
      timeZone: recipient.timeZone ?? "",
      digestAt: digestMinute === null ? "" : minuteText(digestMinute),
      allowedPeople: recipient.allowedPeople.join(", "),
      token: "",
    },
    ticked: new Set((["pin", "monthlyReport", "board"] as const).filter((name) => recipient[name])),
    siteIds: recipient.siteIds,
  };
}

export function typedRecipient(form: Form): RecipientValues {
  return {
    texts: typedValues(form, textFields),
    ticked: new Set(ticks.filter((name) => form.has(name))),
    siteIds: form.list("siteIds"),
  };
}

/** "22:00" as the rules read it; what is no time breaks its rule. */
const minuteTyped = (text: string) => minuteOf(text) ?? Number.NaN;

/** What the rules read. Fields that the audience or the channel does not have are hidden, and were not wished for. */
export function recipientInputOf(
  recipient: RecipientView,
  { texts, ticked, siteIds }: RecipientValues,
): unknown {
  const isTelegram = recipient.channel === "telegram";
  const isWebhook = recipient.channel === "webhook";
  const isStaff = texts.audience !== "users";
  const isQuiet = texts.quietFrom !== "" || texts.quietTo !== "";
  const { token } = texts;
  const secret = ticked.has("tokenRemove") ? { secret: null } : token === "" ? {} : { secret: token };
  return {
    channel: recipient.channel,
    enabled: recipient.enabled,
    name: texts.name,
    address: texts.address,
    audience: texts.audience || "staff",
    language: texts.language,
    // A program has no short form and no sound: what stands there stays.
    detail: isWebhook ? recipient.detail : texts.detail || "full",
    siteIds: isStaff ? [] : siteIds,
    pin: isTelegram && isStaff && ticked.has("pin"),
    timeZone: texts.timeZone,
    quietHours: isWebhook
      ? recipient.quietHours
      : isQuiet
        ? { fromMinute: minuteTyped(texts.quietFrom), toMinute: minuteTyped(texts.quietTo) }
        : null,
    digestMinute: isStaff && texts.digestAt !== "" ? minuteTyped(texts.digestAt) : null,
    monthlyReport: isStaff && ticked.has("monthlyReport"),
    board: isTelegram && isStaff && ticked.has("board"),
    allowedPeople: isTelegram && isStaff ? wordsOf(texts.allowedPeople) : [],
    ...(recipient.channel === "ntfy" ? secret : {}),
  };
}

/** A field of the rules → the field of this form. */
const fieldNames: Readonly<Record<string, string>> = {
  quietHoursFromMinute: "quietFrom",
  quietHoursToMinute: "quietTo",
  quietHours: "quietFrom",
  digestMinute: "digestAt",
  secret: "token",
};
export function recipientProblems(problems: Problems): Problems {
  return new Map([...problems].map(([field, text]) => [fieldNames[field] ?? field, text]));
}

/** In the order of the form, with their labels. */
export function recipientLabels({ recipient }: Texts): Readonly<Record<string, string>> {
  return {
    name: recipient.name,
    address: recipient.address,
    audience: recipient.audience,
    siteIds: recipient.sites,
    language: recipient.language,
    detail: recipient.detail,
    pin: recipient.pin,
    quietFrom: recipient.quietFrom,
    quietTo: recipient.quietTo,
    timeZone: recipient.timeZone,
    digestAt: recipient.digestAt,
    monthlyReport: recipient.monthlyReport,
    board: recipient.board,
    allowedPeople: recipient.allowedPeople,
    token: recipient.token,
  };
}

function Group({
  legend,
  audience,
  children,
}: WithChildren & { readonly legend: string; readonly audience?: "staff" | "users" }): Html {
  return (
    <fieldset class={audience ? `group only-${audience}` : "group"}>
      <legend>{legend}</legend>
      {children}
    </fieldset>
  );
}

export function RecipientForm({
  visit,
  recipient,
  values,
  problems,
  path,
}: {
  readonly visit: Visit;
  readonly recipient: RecipientView;
  readonly values: RecipientValues;
  readonly problems: Problems | undefined;
  readonly path: string;
}): Html {
  const { texts, scene } = visit;
  const { recipient: words, common } = texts;
  const { field, select } = formFields(values.texts, problems);
  const tick = (name: (typeof ticks)[number], label: string) => (
    <Tick name={name} label={label} checked={values.ticked.has(name)} problems={problems} />
  );
  const isTelegram = recipient.channel === "telegram";
  const isWebhook = recipient.channel === "webhook";
  return (
    <form class="form" method="post" action={path} novalidate>
      <Csrf token={visit.csrf} />
      <Group legend={words.who}>
        {field("name", words.name, { required: true, maxlength: ruleLimits.nameLength })}
        {field("address", words.address, { required: true, maxlength: ruleLimits.receiverUrlLength })}
        {select("audience", words.audience, audienceChoices(texts))}
        {scene.look.sites.length === 0 ? null : (
          <div class="only-users">
            <TickList
              name="siteIds"
              legend={texts.addRecipient.sites}
              hint={texts.addRecipient.sitesHint}
              choices={namedChoices(scene.look.sites)}
              chosen={values.siteIds}
              problems={problems}
            />
          </div>
        )}
      </Group>
      <Group legend={words.content}>
        {select("language", words.language, languageChoices)}
        {isWebhook ? null : (
          <div class="only-staff">{select("detail", words.detail, detailChoices(texts))}</div>
        )}
        {isTelegram ? <div class="only-staff">{tick("pin", words.pin)}</div> : null}
      </Group>
      {isWebhook ? null : (
        <Group legend={words.quiet}>
          <p class="hint">{words.quietHint}</p>
          <div class="field-pair">
            {field("quietFrom", words.quietFrom, { type: "time" })}
            {field("quietTo", words.quietTo, { type: "time" })}
          </div>
        </Group>
      )}
      <Group legend={words.summaries} audience="staff">
        {field("digestAt", words.digestAt, { type: "time", hint: words.digestHint })}
        {tick("monthlyReport", words.monthlyReport)}
      </Group>
      <Group legend={words.timeZone}>
        {field("timeZone", words.timeZone, {
          hint: words.timeZoneHint(scene.timeZone),
          maxlength: 64,
          list: "time-zones",
        })}
        <datalist id="time-zones">
          <option value="Asia/Jakarta">WIB</option>
          <option value="Asia/Makassar">WITA</option>
          <option value="Asia/Jayapura">WIT</option>
        </datalist>
      </Group>
      {isTelegram ? (
        <Group legend={words.inChat} audience="staff">
          {tick("board", words.boardCheck)}
          {field("allowedPeople", words.allowedPeople, { hint: words.allowedHint, maxlength: 2_200 })}
        </Group>
      ) : null}
      {recipient.channel === "ntfy" ? (
        <Group legend={words.token}>
          {field("token", `${words.token} (${common.optional})`, {
            hint: recipient.hasSecret ? words.tokenThere : words.tokenMissing,
            maxlength: ruleLimits.tokenLength,
          })}
          {recipient.hasSecret ? tick("tokenRemove", words.tokenRemove) : null}
        </Group>
      ) : null}
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

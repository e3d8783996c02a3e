/**
 * The master data of a site: adding, editing, removing.
 * Must not: remove a site that still has servers, or any site without its name typed.
 */
import { page } from "../page.tsx";
import { Csrf, ProblemList, type Problems } from "../parts/controls.tsx";
import { formFields, typedValues } from "../parts/form-fields.tsx";
import { numberOf, problemsOf } from "../problems.ts";
import { ruleLimits } from "../rule-parts.ts";
import { siteRules } from "../rules.ts";
import type { Html } from "../scene.ts";
import type { SiteView } from "../source-servers.ts";
import { done, type Visit } from "../visit.ts";
import { notFoundPage, refusalText, refusedPage } from "./errors.tsx";
import { TYPED_NAME, removalPage, typedNameProblem } from "./removal.tsx";
import { siteOf } from "./sites.tsx";

const pathOf = (site: SiteView) => `/sites/${encodeURIComponent(site.id)}`;

const fields = [
  "name",
  "code",
  "address",
  "latitude",
  "longitude",
  "timeZone",
  "gatewayAddress",
  "contact",
  "provider",
  "circuitId",
] as const;
type Values = Readonly<Record<(typeof fields)[number], string>>;

function valuesOf(site: SiteView): Values {
  return Object.fromEntries(fields.map((field) => [field, String(site[field] ?? "")])) as Values;
}

function SiteForm({
  visit,
  action,
  cancel,
  values,
  problems,
}: {
  readonly visit: Visit;
  readonly action: string;
  readonly cancel: string;
  readonly values: Values;
  readonly problems: Problems | undefined;
}): Html {
  const { texts } = visit;
  const { sites } = texts;
  const { field } = formFields(values, problems);
  const text = (name: (typeof fields)[number], label: string, hint?: string, maxlength?: number) =>
    field(name, label, { hint, maxlength: maxlength ?? ruleLimits.textLength });
  return (
    <form class="form" method="post" action={action} novalidate>
      <Csrf token={visit.csrf} />
      <ProblemList
        texts={texts}
        problems={problems}
        labels={{ ...sites, gatewayAddress: sites.gateway, circuitId: sites.circuit }}
      />
      {field("name", sites.name, { required: true, maxlength: ruleLimits.nameLength })}
      {text("code", sites.code, sites.codeHint, 40)}
      {text("address", sites.address)}
      <div class="field-pair">
        {text("latitude", sites.latitude, sites.coordinatesHint, 24)}
        {text("longitude", sites.longitude, undefined, 24)}
      </div>
      {field("timeZone", sites.timeZone, {
        hint: sites.timeZoneHint,
        required: true,
        maxlength: 64,
        list: "time-zones",
      })}
      <datalist id="time-zones">
        <option value="Asia/Jakarta">WIB</option>
        <option value="Asia/Makassar">WITA</option>
        <option value="Asia/Jayapura">WIT</option>
      </datalist>
      {text("gatewayAddress", sites.gateway, sites.gatewayHint)}
      {text("contact", sites.contact, sites.contactHint)}
      {text("provider", sites.provider)}
      {text("circuitId", sites.circuit, sites.circuitHint)}
      <div class="actions">
        <button type="submit" class="button button-primary">
          {texts.common.save}
        </button>
        <a class="button button-plain" href={cancel}>
          {texts.common.cancel}
        </a>
      </div>
    </form>
  );
}

function sitePage(
  visit: Visit,
  site: SiteView | null,
  values: Values,
  problems?: Problems,
): Promise<Response> {
  const { sites } = visit.texts;
  const title = site ? sites.editTitle(site.name) : sites.addTitle;
  return page(visit, {
    title,
    status: problems ? 422 : 200,
    content: (
      <div class="narrow">
        <h1>{title}</h1>
        <SiteForm
          visit={visit}
          action={site ? `${pathOf(site)}/edit` : "/sites/add"}
          cancel={site ? pathOf(site) : "/sites"}
          values={values}
          problems={problems}
        />
      </div>
    ),
  });
}

export function showAddSite(visit: Visit): Promise<Response> {
  const empty = Object.fromEntries(fields.map((field) => [field, ""])) as Values;
  return sitePage(visit, null, { ...empty, timeZone: visit.scene.timeZone });
}

export function showEditSite(visit: Visit): Promise<Response> {
  const site = siteOf(visit);
  return site ? sitePage(visit, site, valuesOf(site)) : notFoundPage(visit);
}

async function saveSite(visit: Visit, site: SiteView | null): Promise<Response> {
  const values = typedValues(visit.form, fields);
  const parsed = siteRules.safeParse({
    ...values,
    latitude: numberOf(values.latitude),
    longitude: numberOf(values.longitude),
  });
  if (!parsed.success) return sitePage(visit, site, values, problemsOf(visit.texts, parsed.error, fields));
  const result = await visit.panel.source.saveSite(site?.id ?? null, parsed.data);
  if (!result.ok) return sitePage(visit, site, values, new Map([["", refusalText(visit, result.code)]]));
  return done(visit, site ? "saved" : "added", `/sites/${encodeURIComponent(result.value)}`, true);
}

export function addSite(visit: Visit): Promise<Response> {
  return saveSite(visit, null);
}

export function editSite(visit: Visit): Promise<Response> {
  const site = siteOf(visit);
  return site ? saveSite(visit, site) : notFoundPage(visit);
}

function removePage(visit: Visit, site: SiteView, problems?: Problems): Promise<Response> {
  const words = visit.texts.sites;
  return removalPage(visit, {
    title: words.removeTitle(site.name),
    what: words.removeWhat,
    typeName: words.removeType(site.name),
    path: pathOf(site),
    problems,
  });
}

export function showRemoveSite(visit: Visit): Promise<Response> {
  const site = siteOf(visit);
  return site ? removePage(visit, site) : notFoundPage(visit);
}

export async function removeSite(visit: Visit): Promise<Response> {
  const site = siteOf(visit);
  if (!site) return notFoundPage(visit);
  const problems = typedNameProblem(visit, site.name);
  if (problems) return removePage(visit, site, problems);
  const result = await visit.panel.source.removeSite(site.id);
  if (result.ok) return done(visit, "removed", "/sites", true);
  if (result.code === "site_not_empty")
    return removePage(visit, site, new Map([[TYPED_NAME, refusalText(visit, result.code)]]));
  return refusedPage(visit, result.code);
}

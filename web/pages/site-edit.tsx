/**
 * The master data of a site: adding, editing, removing.
 * Must not: remove a site that still has servers, or any site without its name typed.
 */
import { page } from "../page.tsx";
import { Csrf, Field, ProblemList, type Problems } from "../parts/controls.tsx";
import { numberOf, problemsOf } from "../problems.ts";
import { ruleLimits, siteRules } from "../rules.ts";
import type { Html } from "../scene.ts";
import type { SiteView } from "../source-servers.ts";
import { done, type Form, type Visit } from "../visit.ts";
import { notFoundPage, refusalText, refusedPage } from "./errors.tsx";
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

function typedValues(form: Form): Values {
  return Object.fromEntries(fields.map((field) => [field, form.text(field)])) as Values;
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
  const field = (name: (typeof fields)[number], label: string, hint?: string, maxlength?: number) => (
    <Field
      name={name}
      label={label}
      value={values[name]}
      hint={hint}
      problems={problems}
      required={name === "name" || name === "timeZone"}
      maxlength={maxlength ?? ruleLimits.textLength}
      {...(name === "timeZone" ? { list: "time-zones" } : {})}
    />
  );
  return (
    <form class="form" method="post" action={action} novalidate>
      <Csrf token={visit.csrf} />
      <ProblemList
        texts={texts}
        problems={problems}
        labels={{ ...sites, gatewayAddress: sites.gateway, circuitId: sites.circuit }}
      />
      {field("name", sites.name, undefined, ruleLimits.nameLength)}
      {field("code", sites.code, sites.codeHint, 40)}
      {field("address", sites.address)}
      <div class="field-pair">
        {field("latitude", sites.latitude, sites.coordinatesHint, 24)}
        {field("longitude", sites.longitude, undefined, 24)}
      </div>
      {field("timeZone", sites.timeZone, sites.timeZoneHint, 64)}
      <datalist id="time-zones">
        <option value="Asia/Jakarta">WIB</option>
        <option value="Asia/Makassar">WITA</option>
        <option value="Asia/Jayapura">WIT</option>
      </datalist>
      {field("gatewayAddress", sites.gateway, sites.gatewayHint)}
      {field("contact", sites.contact, sites.contactHint)}
      {field("provider", sites.provider)}
      {field("circuitId", sites.circuit, sites.circuitHint)}
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
  const values = typedValues(visit.form);
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
  const { texts } = visit;
  const title = texts.sites.removeTitle(site.name);
  return page(visit, {
    title,
    status: problems ? 422 : 200,
    content: (
      <div class="narrow">
        <h1>{title}</h1>
        <p>{texts.sites.removeWhat}</p>
        <form class="form" method="post" action={`${pathOf(site)}/remove`} novalidate>
          <Csrf token={visit.csrf} />
          <Field name="typedName" label={texts.sites.removeType(site.name)} problems={problems} required />
          <div class="actions">
            <button type="submit" class="button button-danger">
              {texts.common.remove}
            </button>
            <a class="button button-plain" href={pathOf(site)}>
              {texts.common.cancel}
            </a>
          </div>
        </form>
      </div>
    ),
  });
}

export function showRemoveSite(visit: Visit): Promise<Response> {
  const site = siteOf(visit);
  return site ? removePage(visit, site) : notFoundPage(visit);
}

export async function removeSite(visit: Visit): Promise<Response> {
  const site = siteOf(visit);
  if (!site) return notFoundPage(visit);
  if (visit.form.text("typedName") !== site.name.trim())
    return removePage(visit, site, new Map([["typedName", visit.texts.field.nameMismatch]]));
  const result = await visit.panel.source.removeSite(site.id);
  if (result.ok) return done(visit, "removed", "/sites", true);
  if (result.code === "site_not_empty")
    return removePage(visit, site, new Map([["typedName", refusalText(visit, result.code)]]));
  return refusedPage(visit, result.code);
}

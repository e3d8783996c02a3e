/**
 * Sites: the list, one site with its servers, and its master data.
 * Must not: remove a site that still has servers, or any site without its name typed.
 */
import { roleIncludes } from "../auth/users.ts";
import { number } from "../i18n/format.ts";
import { byName, inTrouble } from "../look.ts";
import { page } from "../page.tsx";
import { Csrf, Empty, Field, ProblemList, type Problems } from "../parts/controls.tsx";
import { mapUrl } from "../parts/incident-card.tsx";
import { StatusMark } from "../parts/status.tsx";
import { numberOf, problemsOf } from "../problems.ts";
import { ruleLimits, siteRules } from "../rules.ts";
import type { Html } from "../scene.ts";
import type { SiteView } from "../source.ts";
import { done, type Form, type Visit } from "../visit.ts";
import { notFoundPage, refusalText, refusedPage } from "./errors.tsx";

const pathOf = (site: SiteView) => `/sites/${encodeURIComponent(site.id)}`;

export function showSites(visit: Visit): Promise<Response> {
  const { texts, scene } = visit;
  const sites = [...scene.look.sites].sort(byName);
  const mayEdit = roleIncludes(scene.role, "admin");
  return page(visit, {
    title: texts.sites.title,
    content: (
      <>
        <div class="page-head">
          <h1>{texts.sites.title}</h1>
          {mayEdit ? (
            <a class="button button-primary" href="/sites/add">
              {texts.sites.add}
            </a>
          ) : null}
        </div>
        {sites.length === 0 ? (
          <Empty title={texts.sites.empty} hint={texts.sites.emptyHint} />
        ) : (
          <table class="sites">
            <caption class="unseen">{texts.sites.title}</caption>
            <thead>
              <tr>
                <th scope="col">{texts.sites.name}</th>
                <th scope="col" class="only-wide">
                  {texts.sites.address}
                </th>
                <th scope="col" class="only-wide">
                  {texts.sites.provider}
                </th>
                <th scope="col">{texts.sites.servers}</th>
              </tr>
            </thead>
            <tbody>
              {sites.map((site) => {
                const servers = scene.look.serversOf(site.id);
                const troubled = servers.filter(inTrouble).length;
                return (
                  <tr>
                    <th scope="row">
                      <a href={pathOf(site)}>{site.name}</a>
                      {site.code ? <span class="quiet"> {site.code}</span> : null}
                      <span class="only-narrow line quiet">{site.address}</span>
                    </th>
                    <td class="only-wide">{site.address}</td>
                    <td class="only-wide">{site.provider}</td>
                    <td>
                      {texts.common.servers(servers.length)}
                      {troubled > 0 ? (
                        <span class="line site-row-trouble">
                          {texts.now.ofServers(troubled, servers.length)}
                        </span>
                      ) : null}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
      </>
    ),
  });
}

function siteOf(visit: Visit): SiteView | null {
  return visit.scene.look.site(visit.c.req.param("id") ?? "");
}

export function showSite(visit: Visit): Promise<Response> {
  const site = siteOf(visit);
  if (!site) return notFoundPage(visit);
  const { texts, scene, language } = visit;
  const servers = scene.look.serversOf(site.id);
  const facts: (readonly [string, Html | string])[] = [
    [texts.sites.code, site.code],
    [texts.sites.address, site.address],
    [
      texts.server.coordinates,
      site.latitude !== null && site.longitude !== null ? (
        <a href={mapUrl(site.latitude, site.longitude)} rel="noreferrer" target="_blank">
          {number(language, site.latitude, 5)}; {number(language, site.longitude, 5)}
        </a>
      ) : (
        ""
      ),
    ],
    [texts.sites.timeZone, site.timeZone],
    [texts.sites.gateway, site.gatewayAddress ?? ""],
    [texts.sites.contact, site.contact],
    [texts.sites.provider, site.provider],
    [texts.sites.circuit, site.circuitId],
  ];
  return page(visit, {
    title: site.name,
    content: (
      <>
        <div class="page-head">
          <h1>{site.name}</h1>
          {roleIncludes(scene.role, "admin") ? (
            <div class="actions">
              <a class="button button-plain" href={`${pathOf(site)}/edit`}>
                {texts.common.edit}
              </a>
              <a class="button button-danger" href={`${pathOf(site)}/remove`}>
                {texts.common.remove}…
              </a>
            </div>
          ) : null}
        </div>
        <div class="columns">
          <section class="panel" aria-labelledby="site-servers-title">
            <h2 id="site-servers-title">{texts.sites.servers}</h2>
            {servers.length === 0 ? (
              <p class="quiet">{texts.now.siteEmpty}</p>
            ) : (
              <ul class="plain-rows">
                {servers.map((server) => (
                  <li>
                    <StatusMark status={server.status} texts={texts} />
                    <a href={`/servers/${encodeURIComponent(server.id)}`}>{server.name}</a>
                  </li>
                ))}
              </ul>
            )}
            <p>
              <a href={`/incidents?site=${encodeURIComponent(site.id)}`}>{texts.sites.incidents}</a>
            </p>
          </section>
          <section class="panel" aria-labelledby="site-facts-title">
            <h2 id="site-facts-title">{texts.sites.facts}</h2>
            <dl class="facts">
              {facts.map(([label, value]) =>
                value === "" ? null : (
                  <div>
                    <dt>{label}</dt>
                    <dd>{value}</dd>
                  </div>
                ),
              )}
            </dl>
          </section>
        </div>
      </>
    ),
  });
}

// ── Master data ──────────────────────────────────────────────────────────────────────────────────────

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

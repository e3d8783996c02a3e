/**
 * Editing and removing a server.
 * Must not: remove without the name typed.
 */
import { page } from "../page.tsx";
import {
  CheckFields,
  checkFields,
  checkInputOf,
  checkLabels,
  checkValuesOf,
  TryResult,
} from "../parts/check-fields.tsx";
import { Csrf, ProblemList, type Problems } from "../parts/controls.tsx";
import { formFields, namedChoices, typedValues } from "../parts/form-fields.tsx";
import { numberOf, numbersOf, problemsOf, wordsOf } from "../problems.ts";
import { ruleLimits } from "../rule-parts.ts";
import { serverRules, tryRules } from "../rules.ts";
import type { Html } from "../scene.ts";
import type { ProbeView, ServerView } from "../source-servers.ts";
import { done, type Visit } from "../visit.ts";
import { notFoundPage, refusalText, refusedPage } from "./errors.tsx";
import { removalPage, typedNameProblem } from "./removal.tsx";
import { serverOf } from "./server.tsx";

const fields = [
  "name",
  "siteId",
  "mode",
  "address",
  "probePorts",
  "downAfterSeconds",
  "tags",
  "latitude",
  "longitude",
  "parentId",
  ...checkFields,
] as const;
type Values = Readonly<Record<(typeof fields)[number], string>>;

const own = (value: number | null) => (value === null ? "" : String(value));

function valuesOf(server: ServerView): Values {
  return {
    name: server.name,
    siteId: server.siteId ?? "",
    mode: server.mode,
    address: server.address ?? "",
    probePorts: server.probePorts.join(", "),
    downAfterSeconds: own(server.ownDownAfterSeconds),
    tags: server.tags.join(", "),
    latitude: own(server.latitude),
    longitude: own(server.longitude),
    parentId: server.parentId ?? "",
    ...checkValuesOf(server.check),
  };
}

/** The form's texts as what the rules read. */
export function serverInputOf(values: Partial<Values>): unknown {
  return {
    name: values.name ?? "",
    siteId: values.siteId ?? "",
    mode: values.mode ?? "agent",
    address: values.address ?? "",
    probePorts: numbersOf(values.probePorts ?? ""),
    // A form of an agent's server has no use for it: what was typed before the choice is left out.
    check: values.mode === "ping" ? checkInputOf(values) : null,
    downAfterSeconds: numberOf(values.downAfterSeconds ?? ""),
    tags: wordsOf(values.tags ?? ""),
    latitude: numberOf(values.latitude ?? ""),
    longitude: numberOf(values.longitude ?? ""),
    parentId: values.parentId ?? "",
  };
}

function EditForm({
  visit,
  server,
  values,
  problems,
}: {
  readonly visit: Visit;
  readonly server: ServerView;
  readonly values: Values;
  readonly problems: Problems | undefined;
}): Html {
  const { texts, scene } = visit;
  const { serverForm } = texts;
  const none = { value: "", label: texts.common.none };
  const others = scene.look.servers.filter(({ id }) => id !== server.id);
  const { field, select } = formFields(values, problems);
  const path = `/servers/${encodeURIComponent(server.id)}`;
  return (
    <form class="form" method="post" action={`${path}/edit`} novalidate>
      <Csrf token={visit.csrf} />
      <ProblemList
        texts={texts}
        problems={problems}
        labels={{
          ...serverForm,
          ...checkLabels(texts),
          siteId: serverForm.site,
          probePorts: serverForm.ports,
          parentId: serverForm.parent,
        }}
      />
      {field("name", serverForm.name, { required: true, maxlength: ruleLimits.nameLength })}
      {select("siteId", serverForm.site, [none, ...namedChoices(scene.look.sites)])}
      {select("mode", serverForm.mode, [
        { value: "agent", label: texts.server.modeAgent },
        { value: "ping", label: texts.server.modePing },
      ])}
      {field("address", serverForm.address, { hint: serverForm.addressHint, inputmode: "url" })}
      {field("probePorts", serverForm.ports, { hint: serverForm.portsHint })}
      <CheckFields texts={texts} values={values} problems={problems} />
      {field("downAfterSeconds", serverForm.downAfter, {
        hint: serverForm.downAfterHint(scene.look.system.downAfterSeconds),
        inputmode: "numeric",
      })}
      {field("tags", serverForm.tags, { hint: serverForm.tagsHint })}
      <div class="field-pair">
        {field("latitude", serverForm.latitude, { hint: serverForm.coordinatesHint, inputmode: "text" })}
        {field("longitude", serverForm.longitude, { inputmode: "text" })}
      </div>
      {select("parentId", serverForm.parent, [none, ...namedChoices(others)], serverForm.parentHint)}
      <div class="actions">
        <button type="submit" class="button button-primary">
          {texts.common.save}
        </button>
        <button type="submit" class="button button-plain" formaction={`${path}/try`}>
          {texts.add.try}
        </button>
        <a class="button button-plain" href={path}>
          {texts.common.cancel}
        </a>
      </div>
    </form>
  );
}

interface EditState {
  readonly problems?: Problems;
  readonly tried?: { readonly probes: readonly ProbeView[]; readonly hasCheck: boolean };
}

function editPage(
  visit: Visit,
  server: ServerView,
  values: Values,
  { problems, tried }: EditState = {},
): Promise<Response> {
  const title = visit.texts.server.editTitle(server.name);
  return page(visit, {
    title,
    status: problems ? 422 : 200,
    content: (
      <div class="narrow">
        <h1>{title}</h1>
        {tried ? <TryResult scene={visit.scene} {...tried} /> : null}
        <EditForm visit={visit} server={server} values={values} problems={problems} />
      </div>
    ),
  });
}

export function showEditServer(visit: Visit): Promise<Response> {
  const server = serverOf(visit);
  return server ? editPage(visit, server, valuesOf(server)) : notFoundPage(visit);
}

export async function editServer(visit: Visit): Promise<Response> {
  const server = serverOf(visit);
  if (!server) return notFoundPage(visit);
  const values = typedValues(visit.form, fields);
  const parsed = serverRules.safeParse(serverInputOf(values));
  if (!parsed.success)
    return editPage(visit, server, values, { problems: problemsOf(visit.texts, parsed.error, fields) });
  const result = await visit.panel.source.saveServer(server.id, parsed.data);
  if (result.ok) return done(visit, "saved", `/servers/${encodeURIComponent(server.id)}`, true);
  if (result.code === "server_not_found") return notFoundPage(visit);
  const problems = new Map([[fieldOf(result.code), refusalText(visit, result.code)]]);
  return editPage(visit, server, values, { problems });
}

/** Asks what is typed, once; nothing is saved by it. */
export async function tryServer(visit: Visit): Promise<Response> {
  const server = serverOf(visit);
  if (!server) return notFoundPage(visit);
  const values = typedValues(visit.form, fields);
  const parsed = tryRules.safeParse(serverInputOf(values));
  if (!parsed.success)
    return editPage(visit, server, values, { problems: problemsOf(visit.texts, parsed.error, fields) });
  const result = await visit.panel.source.tryProbe(parsed.data);
  if (!result.ok)
    return editPage(visit, server, values, { problems: new Map([["", refusalText(visit, result.code)]]) });
  const tried = { probes: result.value, hasCheck: parsed.data.check !== null };
  return editPage(visit, server, values, { tried });
}

/** Which field a refusal of the collector is about. */
export function fieldOf(code: string): string {
  if (code === "down_after_too_short") return "downAfterSeconds";
  if (code === "site_not_found") return "siteId";
  if (code === "parent_not_found" || code === "parent_circle") return "parentId";
  return "";
}

function removePage(visit: Visit, server: ServerView, problems?: Problems): Promise<Response> {
  const words = visit.texts.server;
  return removalPage(visit, {
    title: words.removeTitle(server.name),
    what: words.removeWhat,
    typeName: words.removeType(server.name),
    path: `/servers/${encodeURIComponent(server.id)}`,
    problems,
  });
}

export function showRemoveServer(visit: Visit): Promise<Response> {
  const server = serverOf(visit);
  return server ? removePage(visit, server) : notFoundPage(visit);
}

export async function removeServer(visit: Visit): Promise<Response> {
  const server = serverOf(visit);
  if (!server) return notFoundPage(visit);
  const problems = typedNameProblem(visit, server.name);
  if (problems) return removePage(visit, server, problems);
  const result = await visit.panel.source.removeServer(server.id, visit.session.user.username);
  return result.ok ? done(visit, "removed", "/servers", true) : refusedPage(visit, result.code);
}

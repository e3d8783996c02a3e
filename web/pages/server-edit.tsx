/**
 * Editing and removing a server.
 * Must not: remove without the name typed.
 */
import { byName } from "../look.ts";
import { page } from "../page.tsx";
import {
  CheckFields,
  checkFields,
  checkInputOf,
  checkLabels,
  checkValuesOf,
  TryResult,
} from "../parts/check-fields.tsx";
import { Csrf, Field, ProblemList, Select, type Problems } from "../parts/controls.tsx";
import { numberOf, numbersOf, problemsOf, wordsOf } from "../problems.ts";
import { ruleLimits, serverRules, tryRules } from "../rules.ts";
import type { Html } from "../scene.ts";
import type { ProbeView, ServerView } from "../source-servers.ts";
import { done, type Form, type Visit } from "../visit.ts";
import { notFoundPage, refusalText, refusedPage } from "./errors.tsx";
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

function typedValues(form: Form): Values {
  return Object.fromEntries(fields.map((name) => [name, form.text(name)])) as Values;
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
  const names = (list: readonly { readonly id: string; readonly name: string }[]) =>
    list.map(({ id, name }) => ({ value: id, label: name }));
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
      <Field
        name="name"
        label={serverForm.name}
        value={values.name}
        problems={problems}
        required
        maxlength={ruleLimits.nameLength}
      />
      <Select
        name="siteId"
        label={serverForm.site}
        value={values.siteId}
        choices={[none, ...names([...scene.look.sites].sort(byName))]}
        problems={problems}
      />
      <Select
        name="mode"
        label={serverForm.mode}
        value={values.mode}
        choices={[
          { value: "agent", label: texts.server.modeAgent },
          { value: "ping", label: texts.server.modePing },
        ]}
        problems={problems}
      />
      <Field
        name="address"
        label={serverForm.address}
        value={values.address}
        hint={serverForm.addressHint}
        problems={problems}
        inputmode="url"
      />
      <Field
        name="probePorts"
        label={serverForm.ports}
        value={values.probePorts}
        hint={serverForm.portsHint}
        problems={problems}
      />
      <CheckFields texts={texts} values={values} problems={problems} />
      <Field
        name="downAfterSeconds"
        label={serverForm.downAfter}
        value={values.downAfterSeconds}
        hint={serverForm.downAfterHint(scene.look.system.downAfterSeconds)}
        problems={problems}
        inputmode="numeric"
      />
      <Field
        name="tags"
        label={serverForm.tags}
        value={values.tags}
        hint={serverForm.tagsHint}
        problems={problems}
      />
      <div class="field-pair">
        <Field
          name="latitude"
          label={serverForm.latitude}
          value={values.latitude}
          hint={serverForm.coordinatesHint}
          problems={problems}
          inputmode="text"
        />
        <Field
          name="longitude"
          label={serverForm.longitude}
          value={values.longitude}
          problems={problems}
          inputmode="text"
        />
      </div>
      <Select
        name="parentId"
        label={serverForm.parent}
        value={values.parentId}
        choices={[none, ...names(scene.look.servers.filter(({ id }) => id !== server.id).sort(byName))]}
        hint={serverForm.parentHint}
        problems={problems}
      />
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
  const values = typedValues(visit.form);
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
  const values = typedValues(visit.form);
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
  const { texts } = visit;
  const title = texts.server.removeTitle(server.name);
  const path = `/servers/${encodeURIComponent(server.id)}`;
  return page(visit, {
    title,
    status: problems ? 422 : 200,
    content: (
      <div class="narrow">
        <h1>{title}</h1>
        <p>{texts.server.removeWhat}</p>
        <form class="form" method="post" action={`${path}/remove`} novalidate>
          <Csrf token={visit.csrf} />
          <Field name="typedName" label={texts.server.removeType(server.name)} problems={problems} required />
          <div class="actions">
            <button type="submit" class="button button-danger">
              {texts.common.remove}
            </button>
            <a class="button button-plain" href={path}>
              {texts.common.cancel}
            </a>
          </div>
        </form>
      </div>
    ),
  });
}

export function showRemoveServer(visit: Visit): Promise<Response> {
  const server = serverOf(visit);
  return server ? removePage(visit, server) : notFoundPage(visit);
}

export async function removeServer(visit: Visit): Promise<Response> {
  const server = serverOf(visit);
  if (!server) return notFoundPage(visit);
  if (visit.form.text("typedName") !== server.name.trim())
    return removePage(visit, server, new Map([["typedName", visit.texts.field.nameMismatch]]));
  const result = await visit.panel.source.removeServer(server.id, visit.session.user.username);
  return result.ok ? done(visit, "removed", "/servers", true) : refusedPage(visit, result.code);
}

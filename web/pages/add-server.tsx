/**
 * Adding a server in one of two ways: an agent (one command, then the page turns green by itself), or ping only (tried at
 * once).
 * Must not: show a token twice, or promise an installer that is not there.
 */
import { page } from "../page.tsx";
import { CheckFields, checkFields, checkLabels, TryResult } from "../parts/check-fields.tsx";
import { Csrf, ProblemList, type Problems } from "../parts/controls.tsx";
import { formFields, namedChoices, typedValues } from "../parts/form-fields.tsx";
import { problemsOf } from "../problems.ts";
import { ruleLimits } from "../rule-parts.ts";
import { enrollmentRules, serverRules, tryRules } from "../rules.ts";
import type { Html } from "../scene.ts";
import type { ProbeView } from "../source-servers.ts";
import { done, type Form, type Visit } from "../visit.ts";
import { fieldOf, serverInputOf } from "./server-edit.tsx";
import { commandPage } from "./enrollment.tsx";
import { refusalText } from "./errors.tsx";

// ── The agent's way ──────────────────────────────────────────────────────────────────────────────────

export async function addAgentServer(visit: Visit): Promise<Response> {
  const { form, panel, scene } = visit;
  const name = form.text("agentName");
  const parsed = enrollmentRules.safeParse({
    siteId: form.text("agentSiteId"),
    uses: Number(form.text("uses") || "1"),
    expiresInSeconds: Number(form.text("expiresInSeconds") || "86400"),
  });
  if (!parsed.success) return addPage(visit, { problems: problemsOf(visit.texts, parsed.error) });
  let serverId: string | null = null;
  if (name !== "") {
    // A name is for one server: it is registered now and waits for its agent.
    const server = serverRules.safeParse(
      serverInputOf({ name, siteId: form.text("agentSiteId"), mode: "agent" }),
    );
    if (!server.success) {
      const text = problemsOf(visit.texts, server.error).get("name") ?? visit.texts.field.choice;
      return addPage(visit, { problems: new Map([["agentName", text]]) });
    }
    const saved = await panel.source.saveServer(null, server.data);
    if (!saved.ok) return addPage(visit, { problems: new Map([["", refusalText(visit, saved.code)]]) });
    serverId = saved.value;
  }
  const uses = serverId === null ? parsed.data.uses : 1;
  const created = await panel.source.createEnrollment({ ...parsed.data, uses, serverId });
  if (!created.ok) return addPage(visit, { problems: new Map([["", refusalText(visit, created.code)]]) });
  return commandPage(visit, created.value, { serverId, siteId: parsed.data.siteId, sinceMs: scene.nowMs });
}

// ── The ping way, and the page ───────────────────────────────────────────────────────────────────────

const pingFields = ["name", "siteId", "address", "probePorts", ...checkFields] as const;

interface AddState {
  readonly problems?: Problems;
  readonly tried?: { readonly probes: readonly ProbeView[]; readonly hasCheck: boolean };
}

function AgentForm({
  visit,
  problems,
}: {
  readonly visit: Visit;
  readonly problems: Problems | undefined;
}): Html {
  const { texts, form } = visit;
  const { add } = texts;
  const day = 24 * 3_600;
  const typed = typedValues(form, ["agentName", "agentSiteId", "uses", "expiresInSeconds"]);
  const { field, select } = formFields(
    { ...typed, uses: typed.uses || "1", expiresInSeconds: typed.expiresInSeconds || String(day) },
    problems,
  );
  return (
    <section class="panel" aria-labelledby="add-agent-title">
      <h2 id="add-agent-title">{add.agentTitle}</h2>
      <p>{add.agentLead}</p>
      <form class="form" method="post" action="/servers/add/agent" novalidate>
        <Csrf token={visit.csrf} />
        {field("agentName", `${add.name} (${texts.common.optional})`, {
          hint: add.nameAgentHint,
          maxlength: ruleLimits.nameLength,
        })}
        {select("agentSiteId", add.site, siteChoices(visit))}
        <div class="field-pair">
          {select(
            "uses",
            add.uses,
            [1, 10, 100].map((n) => ({
              value: String(n),
              label: n === 1 ? add.usesOne : add.usesMany(n),
            })),
          )}
          {select("expiresInSeconds", add.lifetime, [
            { value: "3600", label: add.hours(1) },
            { value: String(day), label: add.days(1) },
            { value: String(7 * day), label: add.days(7) },
          ])}
        </div>
        <div class="actions">
          <button type="submit" class="button button-primary">
            {add.create}
          </button>
        </div>
      </form>
    </section>
  );
}

function siteChoices(visit: Visit) {
  return [{ value: "", label: visit.texts.common.noSite }, ...namedChoices(visit.scene.look.sites)];
}

function PingForm({ visit, state }: { readonly visit: Visit; readonly state: AddState }): Html {
  const { texts, form, scene } = visit;
  const { add } = texts;
  const values = typedValues(form, pingFields);
  const { field, select } = formFields(values, state.problems);
  return (
    <section class="panel" aria-labelledby="add-ping-title">
      <h2 id="add-ping-title">{add.pingTitle}</h2>
      <p>{add.pingLead}</p>
      <form class="form" method="post" action="/servers/add/ping" novalidate>
        <Csrf token={visit.csrf} />
        {field("name", add.name, { required: true, maxlength: ruleLimits.nameLength })}
        {select("siteId", add.site, siteChoices(visit))}
        {field("address", add.address, { hint: add.addressHint, required: true, inputmode: "url" })}
        {field("probePorts", `${add.ports} (${texts.common.optional})`, { hint: add.portsHint })}
        <CheckFields texts={texts} values={values} problems={state.problems} />
        {state.tried ? <TryResult scene={scene} {...state.tried} /> : null}
        <div class="actions">
          <button type="submit" class="button button-plain" formaction="/servers/add/try">
            {add.try}
          </button>
          <button type="submit" class="button button-primary">
            {add.save}
          </button>
        </div>
      </form>
    </section>
  );
}

function addPage(visit: Visit, state: AddState): Promise<Response> {
  const { texts } = visit;
  const { add } = texts;
  return page(visit, {
    title: add.title,
    status: state.problems ? 422 : 200,
    content: (
      <>
        <div class="page-head">
          <h1>{add.title}</h1>
        </div>
        <p class="lead">{add.lead}</p>
        <ProblemList
          texts={texts}
          problems={state.problems}
          labels={{
            name: add.name,
            agentName: add.name,
            address: add.address,
            probePorts: add.ports,
            siteId: add.site,
            ...checkLabels(texts),
          }}
        />
        <div class="columns">
          <AgentForm visit={visit} problems={state.problems} />
          <PingForm visit={visit} state={state} />
        </div>
      </>
    ),
  });
}

export function showAddServer(visit: Visit): Promise<Response> {
  return addPage(visit, {});
}

function pingInput(form: Form): unknown {
  return serverInputOf({ ...typedValues(form, pingFields), mode: "ping" });
}

export async function tryAddress(visit: Visit): Promise<Response> {
  const { form, panel, texts } = visit;
  const parsed = tryRules.safeParse(pingInput(form));
  if (!parsed.success) return addPage(visit, { problems: problemsOf(texts, parsed.error, pingFields) });
  const result = await panel.source.tryProbe(parsed.data);
  if (!result.ok) return addPage(visit, { problems: new Map([["", refusalText(visit, result.code)]]) });
  return addPage(visit, { tried: { probes: result.value, hasCheck: parsed.data.check !== null } });
}

export async function addPingServer(visit: Visit): Promise<Response> {
  const parsed = serverRules.safeParse(pingInput(visit.form));
  if (!parsed.success) return addPage(visit, { problems: problemsOf(visit.texts, parsed.error, pingFields) });
  const saved = await visit.panel.source.saveServer(null, parsed.data);
  if (!saved.ok)
    return addPage(visit, { problems: new Map([[fieldOf(saved.code), refusalText(visit, saved.code)]]) });
  return done(visit, "added", `/servers/${encodeURIComponent(saved.value)}`, true);
}

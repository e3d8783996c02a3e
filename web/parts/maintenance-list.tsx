/**
 * Maintenance windows as they are seen: what each is about and in whose time, what is in force, planned and over.
 * Why apart from the page: the list lives and is drawn again and again; the page is what staff do with it.
 * Must not: read a time in any zone but the one of the place it is about.
 */
import { roleIncludes } from "../auth/users.ts";
import type { Html, Scene } from "../scene.ts";
import type { MaintenanceView } from "../source.ts";
import { ActButton, Empty } from "./controls.tsx";
import { Fragment } from "./fragment.tsx";
import { serverZone } from "./server-facts.tsx";
import { At, Lasting } from "./time.tsx";

/** Windows that are over, on the page: the API has them all. */
const OVER_SHOWN_MAX = 20;
export const windowPath = (window: MaintenanceView) => `/maintenance/${encodeURIComponent(window.id)}`;

/** What a window is about; both null: everything. */
export type Scope = Pick<MaintenanceView, "siteId" | "serverId">;

/** The place's own zone: that is the time in which the people there agreed on it. */
export function zoneOf(scene: Scene, { siteId, serverId }: Scope): string {
  const server = serverId === null ? null : scene.look.server(serverId);
  if (server) return serverZone(scene, server);
  return (siteId === null ? null : scene.look.site(siteId)?.timeZone) ?? scene.timeZone;
}

export function ScopeName({
  scene,
  window,
}: {
  readonly scene: Scene;
  readonly window: MaintenanceView;
}): Html {
  const { maintenance: words, common } = scene.texts;
  const { siteId, serverId } = window;
  const server = serverId === null ? null : scene.look.server(serverId);
  if (server) return <a href={`/servers/${encodeURIComponent(server.id)}`}>{words.server(server.name)}</a>;
  if (serverId !== null) return <>{common.removedServer}</>;
  const site = siteId === null ? null : scene.look.site(siteId);
  if (site) return <a href={`/sites/${encodeURIComponent(site.id)}`}>{site.name}</a>;
  return <>{siteId === null ? words.everything : words.removedSite}</>;
}

/** From when to when, in the time of its place. */
export function WindowTimes({
  scene,
  window,
}: {
  readonly scene: Scene;
  readonly window: MaintenanceView;
}): Html {
  const zone = zoneOf(scene, window);
  return (
    <>
      <At scene={scene} atMs={window.startsAtMs} timeZone={zone} zoned /> –{" "}
      <At scene={scene} atMs={window.endsAtMs} timeZone={zone} zoned />
    </>
  );
}

type State = "now" | "planned" | "over";

function stateOf({ startsAtMs, endsAtMs }: MaintenanceView, nowMs: number): State {
  if (nowMs < startsAtMs) return "planned";
  return nowMs < endsAtMs ? "now" : "over";
}

function Row({
  scene,
  window,
  state,
}: {
  readonly scene: Scene;
  readonly window: MaintenanceView;
  readonly state: State;
}): Html {
  const { maintenance: words, common } = scene.texts;
  return (
    <li>
      <div>
        <strong>
          <ScopeName scene={scene} window={window} />
        </strong>
        <span class="line">
          <WindowTimes scene={scene} window={window} />{" "}
          <span class="quiet">
            (<Lasting scene={scene} fromMs={window.startsAtMs} toMs={window.endsAtMs} />)
          </span>
        </span>
        {window.note === "" ? null : <span class="line">{window.note}</span>}
        <span class="line quiet">{words.by(window.createdBy)}</span>
      </div>
      {roleIncludes(scene.role, "operator") ? (
        <div class="actions">
          {state === "now" ? (
            <ActButton action={`${windowPath(window)}/end`}>{words.endNow}</ActButton>
          ) : (
            <a class="button button-danger" href={`${windowPath(window)}/remove`}>
              {common.remove}…
            </a>
          )}
        </div>
      ) : null}
    </li>
  );
}

export function MaintenanceList({ scene }: { readonly scene: Scene }): Html {
  const { maintenance: words } = scene.texts;
  const windows = [...scene.source.maintenance()].sort(
    (a, b) => a.startsAtMs - b.startsAtMs || (a.id < b.id ? -1 : 1),
  );
  const of = (state: State) => windows.filter((window) => stateOf(window, scene.nowMs) === state);
  const sections: (readonly [State, string, readonly MaintenanceView[]])[] = [
    ["now", words.now, of("now")],
    ["planned", words.planned, of("planned")],
    ["over", words.over, of("over").toReversed().slice(0, OVER_SHOWN_MAX)],
  ];
  return (
    <Fragment name="maintenance-list">
      {windows.length === 0 ? (
        <Empty title={words.empty} hint={words.emptyHint} />
      ) : (
        sections.map(([state, title, rows]) =>
          rows.length === 0 ? null : (
            <section class={`panel maintenance-${state}`} aria-labelledby={`maintenance-${state}`}>
              <h2 id={`maintenance-${state}`}>{title}</h2>
              <ul class="rows">
                {rows.map((window) => (
                  <Row scene={scene} window={window} state={state} />
                ))}
              </ul>
            </section>
          ),
        )
      )}
    </Fragment>
  );
}

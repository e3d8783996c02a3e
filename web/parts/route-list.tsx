/**
 * Routes as a list of sentences, the default one first, and above them the places that none of them takes.
 * Must not: hold a form of its own (see controls.tsx).
 */
import { roleIncludes } from "../auth/users.ts";
import type { Html, Scene } from "../scene.ts";
import type { RecipientView, RouteView } from "../source-recipients.ts";
import { ActButton } from "./controls.tsx";
import { Fragment } from "./fragment.tsx";
import { routeSubject, routeWay, untoldSentences } from "./route-words.ts";
import { StatusShape } from "./status.tsx";

export const routePath = ({ id }: Pick<RouteView, "id">) => `/notifications/routes/${encodeURIComponent(id)}`;

function RouteRow({
  scene,
  route,
  recipients,
}: {
  readonly scene: Scene;
  readonly route: RouteView;
  readonly recipients: readonly RecipientView[];
}): Html {
  const { routes, notifications, common } = scene.texts;
  const path = routePath(route);
  const [first = "", ...rest] = routeWay(scene, route, recipients);
  const parts = [`${routeSubject(scene, route)} ${first}`, ...rest];
  return (
    <li class={route.enabled ? "" : "is-off"}>
      <div>
        <strong>{route.name}</strong>
        {route.isDefault ? <span class="tag">{routes.isDefault}</span> : null}
        {route.enabled ? null : (
          <span class="status status-paused">
            <StatusShape status="paused" />
            <span>{routes.off}</span>
          </span>
        )}
        <p class="route-sentence">
          {parts.map((part, index) => (
            <span class="line">{`${part}${index < parts.length - 1 ? "; " : "."}`}</span>
          ))}
        </p>
      </div>
      {roleIncludes(scene.role, "admin") ? (
        <div class="actions">
          <a class="button button-plain" href={path} aria-label={`${common.edit}: ${route.name}`}>
            {common.edit}
          </a>
          <ActButton
            action={`${path}/${route.enabled ? "disable" : "enable"}`}
            label={`${route.enabled ? notifications.disable : notifications.enable}: ${route.name}`}
          >
            {route.enabled ? notifications.disable : notifications.enable}
          </ActButton>
        </div>
      ) : null}
    </li>
  );
}

/** What no route takes: above everything else on the page. */
export function Untold({ scene }: { readonly scene: Scene }): Html {
  return (
    <Fragment name="untold">
      {untoldSentences(scene, scene.source.untold()).map(({ what, text }) => (
        <p class={`message ${what === "all" ? "message-problem" : "message-warn"}`}>
          <StatusShape status={what === "all" ? "down" : "suspect"} />
          {text}
        </p>
      ))}
    </Fragment>
  );
}

export function RouteList({ scene }: { readonly scene: Scene }): Html {
  const { routes: words } = scene.texts;
  const recipients = scene.source.recipients();
  return (
    <Fragment name="routes">
      <section class="panel" aria-labelledby="routes-title" id="routes">
        <div class="panel-head">
          <h2 id="routes-title">{words.title}</h2>
          {roleIncludes(scene.role, "admin") ? <a href="/notifications/routes/add">{words.add}</a> : null}
        </div>
        <p class="quiet small">{words.lead}</p>
        <ul class="rows">
          {scene.source.routes().map((route) => (
            <RouteRow scene={scene} route={route} recipients={recipients} />
          ))}
        </ul>
      </section>
    </Fragment>
  );
}

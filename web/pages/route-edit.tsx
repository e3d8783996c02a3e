/**
 * A route: made, changed, switched on and off, removed.
 * Must not: remove without a page in between, or remove the default one (the collector refuses it).
 */
import { page } from "../page.tsx";
import { ProblemList, type Problems } from "../parts/controls.tsx";
import {
  newRoute,
  RouteForm,
  routeInputOf,
  routeLabels,
  routeProblems,
  typedRoute,
  valuesOfRoute,
  type RouteValues,
} from "../parts/route-form.tsx";
import { routePath } from "../parts/route-list.tsx";
import { routeSentence } from "../parts/route-words.ts";
import { problemsOf } from "../problems.ts";
import { routeRules } from "../rules-telling.ts";
import type { RouteView } from "../source-recipients.ts";
import { done, type Visit } from "../visit.ts";
import { notFoundPage, refusalText, refusedPage } from "./errors.tsx";
import { removalPage } from "./removal.tsx";

const ADD_PATH = "/notifications/routes/add";

function routeOf(visit: Visit): RouteView | null {
  const id = visit.c.req.param("id");
  return visit.panel.source.routes().find((route) => route.id === id) ?? null;
}

function routePage(
  visit: Visit,
  route: RouteView | null,
  values: RouteValues,
  problems?: Problems,
): Promise<Response> {
  const { texts } = visit;
  const { routes, common } = texts;
  const title = route ? routes.editTitle(route.name) : routes.addTitle;
  return page(visit, {
    title,
    status: problems ? 422 : 200,
    content: (
      <div class="narrow">
        <h1>{title}</h1>
        <ProblemList texts={texts} problems={problems} labels={routeLabels(texts)} />
        <RouteForm
          visit={visit}
          values={values}
          problems={problems}
          path={route ? routePath(route) : ADD_PATH}
        />
        {route === null ? null : route.isDefault ? (
          <p class="quiet small">{routes.defaultHint}</p>
        ) : (
          <p>
            <a class="button button-danger" href={`${routePath(route)}/remove`}>
              {common.remove}…
            </a>
          </p>
        )}
      </div>
    ),
  });
}

export function showAddRoute(visit: Visit): Promise<Response> {
  return routePage(visit, null, newRoute);
}

export function showRoute(visit: Visit): Promise<Response> {
  const route = routeOf(visit);
  return route ? routePage(visit, route, valuesOfRoute(route)) : notFoundPage(visit);
}

/** Which field a refusal of the collector is about. */
const refusedFields: Readonly<Record<string, string>> = {
  route_steps_wrong: "steps",
  recipient_not_found: "steps",
  site_not_found: "siteIds",
};

async function saveRoute(visit: Visit, route: RouteView | null): Promise<Response> {
  const values = typedRoute(visit.form);
  const parsed = routeRules.safeParse(routeInputOf(values, route?.enabled ?? true));
  if (!parsed.success)
    return routePage(visit, route, values, routeProblems(problemsOf(visit.texts, parsed.error)));
  const saved = await visit.panel.source.saveRoute(route?.id ?? null, parsed.data);
  if (saved.ok) return done(visit, route ? "saved" : "added", "/notifications", true);
  const problems = new Map([[refusedFields[saved.code] ?? "", refusalText(visit, saved.code)]]);
  return routePage(visit, route, values, problems);
}

export function addRoute(visit: Visit): Promise<Response> {
  return saveRoute(visit, null);
}

export function editRoute(visit: Visit): Promise<Response> {
  const route = routeOf(visit);
  return route ? saveRoute(visit, route) : Promise.resolve(notFoundPage(visit));
}

async function setEnabled(visit: Visit, enabled: boolean): Promise<Response> {
  const route = routeOf(visit);
  if (!route) return notFoundPage(visit);
  const { id, isDefault: _, ...input } = route;
  const saved = await visit.panel.source.saveRoute(id, { ...input, enabled });
  if (!saved.ok) return refusedPage(visit, saved.code);
  return done(visit, enabled ? "routeEnabled" : "routeDisabled", "/notifications", true);
}

export function enableRoute(visit: Visit): Promise<Response> {
  return setEnabled(visit, true);
}
export function disableRoute(visit: Visit): Promise<Response> {
  return setEnabled(visit, false);
}

export function showRemoveRoute(visit: Visit): Promise<Response> {
  const route = routeOf(visit);
  if (!route) return notFoundPage(visit);
  if (route.isDefault) return refusedPage(visit, "route_is_default");
  const { routes } = visit.texts;
  const recipients = visit.panel.source.recipients();
  return removalPage(visit, {
    title: routes.removeTitle(route.name),
    which: <p>{routeSentence(visit.scene, route, recipients)}</p>,
    what: routes.removeWhat,
    path: routePath(route),
    back: "/notifications",
  });
}

export async function removeRoute(visit: Visit): Promise<Response> {
  const route = routeOf(visit);
  if (!route) return notFoundPage(visit);
  const result = await visit.panel.source.removeRoute(route.id);
  return result.ok ? done(visit, "removed", "/notifications", true) : refusedPage(visit, result.code);
}

/**
 * Routes in words: each as one sentence, what of it concerns one recipient, and the places that none takes.
 * Why strings: they are escaped where they are rendered, like every other text of staff.
 * Must not: match incidents; which places are not told is the collector's word.
 */
import { word } from "../i18n/language.ts";
import { spokenDuration } from "../islands/spoken-time.ts";
import { compareNames } from "../look.ts";
import type { Scene } from "../scene.ts";
import type { RecipientView, RouteStep, RouteView, UntoldView } from "../source-recipients.ts";

/** Names in one sentence; the rest is counted. */
const NAMES_MAX = 5;

function listed(scene: Scene, names: readonly string[], between = ", "): string {
  const left = names.length - NAMES_MAX;
  if (left <= 0) return names.join(between);
  return `${names.slice(0, NAMES_MAX).join(", ")} ${scene.texts.routes.more(left)}`;
}

/** Which incidents: "Server mati, Agen berhenti di Cabang A atau Cabang B bertanda kasir". */
export function routeSubject(scene: Scene, route: RouteView): string {
  const { texts, look } = scene;
  const { routes } = texts;
  const or = ` ${routes.or} `;
  const kinds = route.kinds.map((kind) => word(texts.kind, kind));
  const sites = route.siteIds.map((id) => look.site(id)?.name ?? routes.removedSite);
  return [
    kinds.length === 0 ? routes.allIncidents : listed(scene, kinds),
    sites.length === 0 ? "" : routes.atSites(listed(scene, sites, or)),
    route.tags.length === 0 ? "" : routes.withTags(listed(scene, route.tags, or)),
  ]
    .filter(Boolean)
    .join(" ");
}

function people(scene: Scene, ids: readonly string[], recipients: readonly RecipientView[]): string {
  const { routes } = scene.texts;
  if (ids.length === 0) return routes.nobody;
  const names = ids.map((id) => recipients.find((one) => one.id === id)?.name ?? routes.removedRecipient);
  return listed(scene, names);
}

function stepWords(scene: Scene, { to }: RouteStep, recipients: readonly RecipientView[]): string {
  return to === "everyone" ? scene.texts.routes.everyone : people(scene, to, recipients);
}

function repeatWords(scene: Scene, { repeatSeconds }: RouteView): string {
  const { routes } = scene.texts;
  const waits = repeatSeconds.map((seconds) => spokenDuration(scene.language, seconds * 1_000));
  const last = waits.at(-1);
  if (last === undefined) return routes.noRepeat;
  return waits.length === 1
    ? routes.repeatEach(last)
    : routes.repeatLast(waits.slice(0, -1).join(", "), last);
}

/** The way of a route, part by part: "→ semua penerima", "bila 15 menit belum ditangani → Budi", "ulangi …". */
export function routeWay(
  scene: Scene,
  route: RouteView,
  recipients: readonly RecipientView[],
): readonly string[] {
  const { routes } = scene.texts;
  const steps = route.steps.map((step) => {
    const who = `${routes.at} ${stepWords(scene, step, recipients)}`;
    if (step.afterSeconds === 0) return who;
    return `${routes.ifUntaken(spokenDuration(scene.language, step.afterSeconds * 1_000))} ${who}`;
  });
  const fallback =
    route.fallbackRecipientIds.length === 0
      ? []
      : [routes.fallback(people(scene, route.fallbackRecipientIds, recipients))];
  return [...steps, repeatWords(scene, route), ...fallback];
}

/** The whole of a route as one sentence. */
export function routeSentence(scene: Scene, route: RouteView, recipients: readonly RecipientView[]): string {
  return `${routeSubject(scene, route)} ${routeWay(scene, route, recipients).join("; ")}.`;
}

/** By which routes a recipient for staff hears of an outage, and when; "": by none. */
export function routesOfRecipient(
  scene: Scene,
  recipient: RecipientView,
  routes: readonly RouteView[],
): string {
  const { wishes } = scene.texts;
  const found = routes.flatMap((route) => {
    if (!route.enabled) return [];
    const isFallback = route.fallbackRecipientIds.includes(recipient.id);
    const step = route.steps.find(({ to }) => (to === "everyone" ? !isFallback : to.includes(recipient.id)));
    const name = `“${route.name}”`;
    if (step && step.afterSeconds > 0)
      return [wishes.later(name, spokenDuration(scene.language, step.afterSeconds * 1_000))];
    if (step) return [name];
    return isFallback ? [wishes.fallback(name)] : [];
  });
  return listed(scene, found);
}

/** About the places that are not told, and those that are only in part: at most a sentence each. */
export function untoldSentences(
  scene: Scene,
  untold: readonly UntoldView[],
): readonly { readonly what: UntoldView["what"]; readonly text: string }[] {
  const { routes, common } = scene.texts;
  const nameOf = ({ place }: UntoldView) => {
    switch (place.type) {
      case "site":
        return scene.look.site(place.siteId)?.name ?? routes.removedSite;
      case "no_site":
        return scene.look.sites.length === 0 ? common.servers(scene.look.servers.length) : routes.placeNoSite;
      case "collector":
        return routes.placeCollector;
    }
  };
  const of = (what: UntoldView["what"]) => {
    const places = untold.filter((one) => one.what === what);
    const sites = places
      .filter(({ place }) => place.type === "site")
      .map(nameOf)
      .sort(compareNames);
    return [...sites, ...places.filter(({ place }) => place.type !== "site").map(nameOf)];
  };
  const [all, part] = [of("all"), of("part")];
  return [
    ...(all.length === 0 ? [] : [{ what: "all", text: routes.untoldAll(listed(scene, all)) } as const]),
    ...(part.length === 0 ? [] : [{ what: "part", text: routes.untoldPart(listed(scene, part)) } as const]),
  ];
}

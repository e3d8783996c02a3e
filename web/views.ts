/**
 * Which live view a path names: the same paths as the pages'.
 * Must not: know what a view draws.
 */
import { incidentView } from "./pages/incident.tsx";
import { incidentsQuery, incidentsView } from "./pages/incidents.tsx";
import { maintenanceView } from "./pages/maintenance.tsx";
import { notificationsView } from "./pages/notifications.tsx";
import { nowView } from "./pages/now.tsx";
import { serverView } from "./pages/server.tsx";
import { serversView } from "./pages/servers.tsx";
import { serversQuery } from "./pages/servers-query.ts";
import { siteView } from "./pages/sites.tsx";
import { systemView } from "./pages/system.tsx";
import { waitingOf, waitingView } from "./pages/enrollment.tsx";
import { ownPath } from "./paths.ts";
import type { View } from "./scene.ts";

/** null: no page of that path lives. */
export function viewOf(
  path: string | undefined,
  context: { readonly timeZone: string; readonly nowMs: number },
): View | null {
  const own = ownPath(path);
  if (own === null) return null;
  const url = new URL(own, "http://panel.invalid");
  const [, place = "", id, ...more] = url.pathname.split("/");
  if (url.pathname === "/servers/add/waiting") {
    const waiting = waitingOf(url.searchParams);
    return waiting ? waitingView(waiting) : null;
  }
  if (more.length > 0) return null;
  switch (place) {
    case "":
      return nowView;
    case "servers":
      return id === undefined ? serversView(serversQuery(url.searchParams)) : serverView(decoded(id));
    case "incidents":
      return id === undefined
        ? incidentsView(incidentsQuery(url.searchParams, context.timeZone, context.nowMs))
        : incidentView(decoded(id));
    case "sites":
      return id === undefined ? null : siteView(decoded(id));
    case "maintenance":
      return id === undefined ? maintenanceView : null;
    case "notifications":
      return id === undefined ? notificationsView : null;
    case "system":
      return id === undefined ? systemView : null;
    default:
      return null;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * All routes of the JSON API under `/api/v1`, each with the role it needs.
 * Must not: hold a route outside this list.
 */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Role } from "../auth/users.ts";
import type { PanelParts } from "../context.ts";
import { callable, type CallHandler } from "./call.ts";
import { createEnrollment } from "./enrollments.ts";
import type { EventStreams } from "./events.ts";
import * as actions from "./incident-actions.ts";
import * as incidents from "./incidents.ts";
import * as maintenance from "./maintenance.ts";
import * as routes from "./notify-routes.ts";
import { problem } from "./problem.ts";
import * as recipients from "./recipients.ts";
import * as servers from "./servers.ts";
import * as sites from "./sites.ts";

/** The largest body is a route that names every branch of a large company; a note is 2,000 characters. */
const BODY_BYTES_MAX = 64 * 1024;

export function createApi(panel: PanelParts, events: EventStreams): Hono {
  const api = new Hono();
  const by = (role: Role) => (handler: CallHandler) => callable(panel, role, handler);
  const viewer = by("viewer");
  const operator = by("operator");
  const admin = by("admin");

  api.use(bodyLimit({ maxSize: BODY_BYTES_MAX, onError: (c) => problem(c, "body_too_large") }));

  api.get("/servers", viewer(servers.listServers));
  api.post("/servers", operator(servers.createServer));
  api.get("/servers/:id", viewer(servers.getServer));
  api.patch("/servers/:id", operator(servers.changeServer));
  api.delete("/servers/:id", operator(servers.deleteServer));
  api.post("/servers/:id/pause", operator(servers.pauseServer));
  api.post("/servers/:id/resume", operator(servers.resumeServer));
  api.post("/servers/:id/check", operator(servers.checkServer));
  api.get("/servers/:id/log", viewer(servers.getServerLog));

  api.get("/sites", viewer(sites.listSites));
  api.post("/sites", admin(sites.createSite));
  api.get("/sites/:id", viewer(sites.getSite));
  api.patch("/sites/:id", admin(sites.changeSite));
  api.delete("/sites/:id", admin(sites.deleteSite));

  api.post("/enrollments", operator(createEnrollment));

  api.get("/incidents", viewer(incidents.listIncidents));
  api.get("/incidents/:id", viewer(incidents.getIncident));
  api.post("/incidents/:id/ack", operator(actions.acknowledgeIncident));
  api.post("/incidents/:id/note", operator(actions.noteIncident));
  api.post("/incidents/:id/quiet", operator(actions.quietIncident));
  api.post("/incidents/:id/check", operator(actions.checkIncident));
  api.get("/incidents/:id/announce", operator(actions.previewAnnouncement));
  api.post("/incidents/:id/announce", operator(actions.announceIncident));

  api.get("/maintenance", viewer(maintenance.listMaintenance));
  api.post("/maintenance", operator(maintenance.createMaintenance));
  api.get("/maintenance/:id", viewer(maintenance.getMaintenance));
  api.delete("/maintenance/:id", operator(maintenance.deleteMaintenance));

  api.get("/recipients", viewer(recipients.listRecipients));
  api.post("/recipients", admin(recipients.createRecipient));
  api.post("/recipients/link-codes", admin(recipients.createLinkCode));
  api.get("/recipients/drill", viewer(recipients.getDrill));
  api.post("/recipients/drill", admin(recipients.startDrill));
  api.get("/recipients/:id", viewer(recipients.getRecipient));
  api.patch("/recipients/:id", admin(recipients.changeRecipient));
  api.delete("/recipients/:id", admin(recipients.deleteRecipient));
  api.post("/recipients/:id/secret", admin(recipients.renewSecret));

  api.get("/routes", viewer(routes.listRoutes));
  api.post("/routes", admin(routes.createRoute));
  api.get("/routes/:id", viewer(routes.getRoute));
  api.patch("/routes/:id", admin(routes.changeRoute));
  api.delete("/routes/:id", admin(routes.deleteRoute));

  api.get(
    "/events",
    viewer((call) => events.open(call)),
  );

  api.all("*", (c) => problem(c, "not_found"));
  api.onError((error, c) => {
    panel.settings.onError(error, `${c.req.method} ${c.req.path}`);
    return problem(c, "internal_error");
  });
  return api;
}

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
import * as incidents from "./incidents.ts";
import * as maintenance from "./maintenance.ts";
import { problem } from "./problem.ts";
import * as recipients from "./recipients.ts";
import * as servers from "./servers.ts";
import * as sites from "./sites.ts";

/** The largest body is a site with all its texts; a note is 2,000 characters. */
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
  api.post("/incidents/:id/ack", operator(incidents.acknowledgeIncident));
  api.post("/incidents/:id/note", operator(incidents.noteIncident));
  api.post("/incidents/:id/check", operator(incidents.checkIncident));

  api.get("/maintenance", viewer(maintenance.listMaintenance));
  api.post("/maintenance", operator(maintenance.createMaintenance));
  api.get("/maintenance/:id", viewer(maintenance.getMaintenance));
  api.delete("/maintenance/:id", operator(maintenance.deleteMaintenance));

  api.get("/recipients", viewer(recipients.listRecipients));
  api.post("/recipients", admin(recipients.createRecipient));
  api.post("/recipients/link-codes", admin(recipients.createLinkCode));
  api.get("/recipients/:id", viewer(recipients.getRecipient));
  api.patch("/recipients/:id", admin(recipients.changeRecipient));
  api.delete("/recipients/:id", admin(recipients.deleteRecipient));

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

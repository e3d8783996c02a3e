/**
 * The panel and the JSON API: every route in one readable list, each with the role it needs.
 * Why a factory: the composition root hands it a source and settings; tests hand it their own.
 * Must not: import the collector, or hold a route that passes by the guards.
 */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { createEventStreams } from "./api/events.ts";
import { createApi } from "./api/routes.ts";
import type { Assets } from "./assets.ts";
import { createLoginThrottle } from "./auth/login-throttle.ts";
import { securityHeaders } from "./auth/security-headers.ts";
import type { Role } from "./auth/users.ts";
import { settingsOf, type PanelOptions, type PanelParts } from "./context.ts";
import { createLiveHub } from "./live.ts";
import * as add from "./pages/add-server.tsx";
import * as announcement from "./pages/announcement.tsx";
import { enrollServer, showWaiting } from "./pages/enrollment.tsx";
import * as edit from "./pages/server-edit.tsx";
import { brokenPage, notFoundPage, tooLargePage } from "./pages/errors.tsx";
import * as incident from "./pages/incident.tsx";
import * as acts from "./pages/incident-acts.tsx";
import { showIncidents } from "./pages/incidents.tsx";
import * as login from "./pages/login.tsx";
import * as maintenance from "./pages/maintenance.tsx";
import * as notifications from "./pages/notifications.tsx";
import * as newRecipient from "./pages/recipient-add.tsx";
import * as recipient from "./pages/recipient.tsx";
import * as route from "./pages/route-edit.tsx";
import { showNow } from "./pages/now.tsx";
import * as server from "./pages/server.tsx";
import { showServers } from "./pages/servers.tsx";
import { setUp, showSetup } from "./pages/setup.tsx";
import * as site from "./pages/site-edit.tsx";
import { showSite, showSites } from "./pages/sites.tsx";
import { showSystem } from "./pages/system.tsx";
import type { PanelSource } from "./source.ts";
import { viewOf } from "./views.ts";
import { guarded, readerOf, sessionOfRequest, type PageHandler } from "./visit.ts";

/** The largest form is a route that names every branch of a large company. */
const FORM_BYTES_MAX = 64 * 1024;

export interface Panel {
  /** Serve it with @hono/node-server, or ask it with `app.request()`. */
  readonly app: Hono;
  /** Ends the open live connections, so that a server can close. Idempotent. */
  close(): void;
}

export function createPanel(input: {
  readonly source: PanelSource;
  readonly assets: Assets;
  readonly options: PanelOptions;
}): Panel {
  const { source, assets } = input;
  const settings = settingsOf(input.options);
  const throttle = createLoginThrottle();
  const live = createLiveHub(source, settings);
  const events = createEventStreams();
  const panel: PanelParts = { source, assets, settings, throttle, live };

  const app = new Hono();
  const by = (role: Role) => (handler: PageHandler) => guarded(panel, role, handler);
  const viewer = by("viewer");
  const operator = by("operator");
  const admin = by("admin");

  app.use(securityHeaders);
  app.use(compress());

  // ── Open to everybody ──
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", (c) => {
    const { store, hearing, telegram } = source.system();
    const ready = store.state === "ok";
    return c.json(
      {
        status: ready ? "ok" : "unavailable",
        store: store.state,
        hearing,
        telegram: telegram.state,
      },
      ready ? 200 : 503,
    );
  });
  app.get("/assets/:file", (c) => {
    const asset = assets.find(c.req.param("file"));
    if (!asset) return c.notFound();
    return c.body(asset.body, 200, {
      "Content-Type": asset.type,
      "Cache-Control": "public, max-age=31536000, immutable",
    });
  });

  // ── JSON ──
  app.route("/api/v1", createApi(panel, events));

  // ── Coming in ──
  app.use(bodyLimit({ maxSize: FORM_BYTES_MAX, onError: (c) => tooLargePage(readerOf(panel, c)) }));
  app.get("/setup/:token", showSetup(panel));
  app.post("/setup/:token", setUp(panel));
  app.get("/login", login.showLogin(panel));
  app.post("/login", login.logIn(panel));
  app.post("/logout", login.logOut(panel));
  app.post("/language", login.chooseLanguage(panel));

  // ── Pages ──
  app.get("/", viewer(showNow));

  app.get("/servers", viewer(showServers));
  app.get("/servers/add", operator(add.showAddServer));
  app.post("/servers/add/agent", operator(add.addAgentServer));
  app.get("/servers/add/waiting", operator(showWaiting));
  app.post("/servers/add/try", operator(add.tryAddress));
  app.post("/servers/add/ping", operator(add.addPingServer));
  app.get("/servers/:id", viewer(server.showServer));
  app.post("/servers/:id/check", operator(server.checkServer));
  app.post("/servers/:id/pause", operator(server.pauseServer));
  app.post("/servers/:id/resume", operator(server.resumeServer));
  app.post("/servers/:id/enroll", operator(enrollServer));
  app.get("/servers/:id/edit", operator(edit.showEditServer));
  app.post("/servers/:id/edit", operator(edit.editServer));
  app.post("/servers/:id/try", operator(edit.tryServer));
  app.get("/servers/:id/remove", operator(edit.showRemoveServer));
  app.post("/servers/:id/remove", operator(edit.removeServer));

  app.get("/incidents", viewer(showIncidents));
  app.get("/incidents/:id", viewer(incident.showIncident));
  app.post("/incidents/:id/acknowledge", operator(acts.acknowledgeIncident));
  app.post("/incidents/:id/note", operator(incident.noteIncident));
  app.post("/incidents/:id/check", operator(acts.checkIncident));
  app.post("/incidents/:id/quiet/:until", operator(acts.quietIncident));
  app.get("/incidents/:id/announce", operator(announcement.showAnnouncement));
  app.post("/incidents/:id/announce", operator(announcement.announceIncident));

  app.get("/sites", viewer(showSites));
  app.get("/sites/add", admin(site.showAddSite));
  app.post("/sites/add", admin(site.addSite));
  app.get("/sites/:id", viewer(showSite));
  app.get("/sites/:id/edit", admin(site.showEditSite));
  app.post("/sites/:id/edit", admin(site.editSite));
  app.get("/sites/:id/remove", admin(site.showRemoveSite));
  app.post("/sites/:id/remove", admin(site.removeSite));

  app.get("/maintenance", viewer(maintenance.showMaintenance));
  app.post("/maintenance/add", operator(maintenance.addMaintenance));
  app.post("/maintenance/:id/end", operator(maintenance.endMaintenance));
  app.get("/maintenance/:id/remove", operator(maintenance.showRemoveMaintenance));
  app.post("/maintenance/:id/remove", operator(maintenance.removeMaintenance));

  app.get("/notifications", viewer(notifications.showNotifications));
  app.post("/notifications/drill", admin(notifications.drillAll));
  app.get("/notifications/add", admin(newRecipient.showAddRecipient));
  app.post("/notifications/add", admin(newRecipient.addRecipient));
  app.post("/notifications/link", admin(newRecipient.linkChat));
  app.get("/notifications/routes/add", admin(route.showAddRoute));
  app.post("/notifications/routes/add", admin(route.addRoute));
  app.get("/notifications/routes/:id", admin(route.showRoute));
  app.post("/notifications/routes/:id", admin(route.editRoute));
  app.post("/notifications/routes/:id/enable", admin(route.enableRoute));
  app.post("/notifications/routes/:id/disable", admin(route.disableRoute));
  app.get("/notifications/routes/:id/remove", admin(route.showRemoveRoute));
  app.post("/notifications/routes/:id/remove", admin(route.removeRoute));
  app.get("/notifications/:id", viewer(recipient.showRecipient));
  app.post("/notifications/:id", admin(recipient.editRecipient));
  app.post("/notifications/:id/drill", admin(recipient.drillRecipient));
  app.post("/notifications/:id/secret", admin(recipient.renewSecret));
  app.post("/notifications/:id/enable", admin(recipient.enableRecipient));
  app.post("/notifications/:id/disable", admin(recipient.disableRecipient));
  app.get("/notifications/:id/remove", admin(recipient.showRemoveRecipient));
  app.post("/notifications/:id/remove", admin(recipient.removeRecipient));

  app.get("/system", viewer(showSystem));

  // ── What keeps them fresh ──
  app.get("/live", (c) => {
    const session = sessionOfRequest(panel, c);
    // 204 tells an EventSource to stop asking; the page's script then loads the page, which leads to the login.
    if (!session) return c.body(null, 204);
    const context = { timeZone: source.system().timeZone, nowMs: settings.now() };
    const view = viewOf(c.req.query("view"), context);
    if (!view) return c.body(null, 404);
    const { language } = readerOf(panel, c, session);
    const since = c.req.header("last-event-id") ?? c.req.query("since") ?? null;
    const response = live.connect(c, { view, language, session, since });
    if (response) return response;
    return c.body(null, 503, { "Retry-After": "30" });
  });

  app.notFound((c) => notFoundPage(readerOf(panel, c, sessionOfRequest(panel, c))));
  app.onError((error, c) => {
    settings.onError(error, `${c.req.method} ${c.req.path}`);
    return brokenPage(readerOf(panel, c));
  });

  return {
    app,
    close: () => {
      live.close();
      events.close();
    },
  };
}

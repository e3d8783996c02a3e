/**
 * More of who is told, on top of `fillWorld`: every channel, users of a branch, routes, a drill, an incident in good hands.
 * Why apart from world.ts: most tests want a company with one chat.
 * Must not: be random; what a test sees is the same each time.
 */
import type { TestSource } from "./panel-source.ts";
import { deadProbe, makeDrillRow, makeProbe, makeRecipient, makeRoute, START_MS } from "./view-samples.ts";

/** Five recipients more, two routes more (one off), places that are not told, a drill with each fate, what users would read. */
export async function fillTelling(source: TestSource): Promise<void> {
  addRecipients(source);
  addRoutes(source);
  addDrill(source);
  await handleIncident(source);
  source.setAnnouncement({
    to: [
      { recipientId: "r6", name: "Pengguna Surabaya", channel: "telegram", language: "id" },
      { recipientId: "r7", name: "Surabaya office", channel: "ntfy", language: "en" },
    ],
    texts: [
      {
        language: "en",
        text: "Disturbance at Cabang Surabaya Darmo since 09:48 WIB.\nIT knows and is working on it.",
      },
      {
        language: "id",
        text: "Gangguan di Cabang Surabaya Darmo sejak 09.48 WIB.\nDivisi IT sudah tahu dan sedang menanganinya.",
      },
    ],
  });
}

function addRecipients(source: TestSource): void {
  source.setRecipient(
    makeRecipient({
      id: "r3",
      address: "771234",
      name: "Budi Santoso",
      detail: "short",
      pin: true,
      board: true,
      quietHours: { fromMinute: 22 * 60, toMinute: 5 * 60 + 30 },
      digestMinute: 7 * 60,
      monthlyReport: true,
      allowedPeople: ["771234", "998877"],
      timeZone: "Asia/Makassar",
    }),
  );
  source.setRecipient(
    makeRecipient({
      id: "r4",
      channel: "webhook",
      address: "https://tiket.contoh.id/masuk?kunci=rahasia",
      name: "Sistem tiket",
      hasSecret: true,
    }),
  );
  source.setRecipient(
    makeRecipient({
      id: "r5",
      channel: "ntfy",
      address: "https://ntfy.sh/topik-rahasia",
      name: "ntfy jaga",
      language: "en",
    }),
  );
  source.setRecipient(
    makeRecipient({
      id: "r6",
      address: "-100222",
      name: "Pengguna Surabaya",
      audience: "users",
      siteIds: ["sby"],
    }),
  );
  source.setRecipient(
    makeRecipient({
      id: "r7",
      channel: "ntfy",
      address: "https://ntfy.sh/kantor-surabaya",
      name: "Surabaya office",
      language: "en",
      audience: "users",
      hasSecret: true,
    }),
  );
}

function addRoutes(source: TestSource): void {
  source.setRoute(
    makeRoute({
      id: "malam",
      name: "Kasir",
      siteIds: ["sby", "mdn"],
      tags: ["kasir"],
      kinds: ["host_down", "site_down"],
      steps: [
        { afterSeconds: 0, to: ["r1"] },
        { afterSeconds: 900, to: ["r3", "r4"] },
        { afterSeconds: 3_600, to: "everyone" },
      ],
      repeatSeconds: [1_800],
      fallbackRecipientIds: ["r5"],
    }),
  );
  source.setRoute(
    makeRoute({ id: "lama", name: "Uji coba", enabled: false, repeatSeconds: [], siteIds: ["jyp"] }),
  );
  source.setUntold([
    { place: { type: "site", siteId: "bdg" }, what: "all" },
    { place: { type: "no_site" }, what: "all" },
    { place: { type: "site", siteId: "mks" }, what: "part" },
    { place: { type: "collector" }, what: "part" },
  ]);
}

function addDrill(source: TestSource): void {
  source.setDrill([
    makeDrillRow({ recipientId: "r1" }),
    makeDrillRow({
      recipientId: "r3",
      status: "retry",
      attempts: 3,
      settledAtMs: null,
      lastError: "429 Too Many Requests",
    }),
    makeDrillRow({
      recipientId: "r4",
      status: "rejected",
      lastError: "HTTP 410: the receiver asked not to be sent any more",
    }),
    makeDrillRow({ recipientId: "r5", status: "unknown", lastError: "HTTP 502" }),
  ]);
}

/** Taken, quiet, checked and announced, with a line of each kind. */
async function handleIncident(source: TestSource): Promise<void> {
  const detail = await source.incident("i42");
  if (!detail) return;
  source.setIncident({
    ...detail,
    incident: {
      ...detail.incident,
      acknowledgedBy: "budi",
      quiet: { by: "budi", untilMs: START_MS + 3_600_000 },
      announcement: { by: "sari", atMs: START_MS - 300_000, overAtMs: null },
      checked: {
        by: "sari",
        atMs: START_MS - 120_000,
        evidence: [
          {
            type: "probe",
            from: "collector",
            by: null,
            atMs: START_MS - 120_000,
            result: { ...deadProbe, target: "10.4.0.2" },
          },
          {
            type: "probe",
            from: "collector",
            by: null,
            atMs: START_MS - 120_000,
            result: makeProbe({
              kind: "banner",
              target: "10.4.0.2:22",
              verdict: "dead",
              detail: "unreachable",
              roundTripMs: null,
            }),
          },
        ],
      },
    },
    timeline: [
      ...detail.timeline,
      { type: "quieted", by: "budi", untilMs: START_MS + 3_600_000, atMs: START_MS - 400_000 },
      { type: "announced", by: "sari", over: false, atMs: START_MS - 300_000 },
      { type: "checked", by: "sari", verdict: "dead", atMs: START_MS - 120_000 },
      { type: "quieted", by: "budi", untilMs: START_MS - 110_000, atMs: START_MS - 100_000 },
      { type: "quieted", by: "budi", untilMs: null, atMs: START_MS - 90_000 },
      { type: "announced", by: "sari", over: true, atMs: START_MS - 80_000 },
      { type: "announced", by: "", over: true, atMs: START_MS - 70_000 },
    ],
    notifications: [
      ...detail.notifications,
      {
        id: "i42/down/r3/telegram",
        recipientName: "Budi Santoso",
        channel: "telegram",
        step: "down",
        reason: "escalated",
        status: "sent",
        attempts: 1,
        lastError: null,
        repeat: false,
        queuedAtMs: START_MS - 400_000,
        settledAtMs: START_MS - 399_000,
      },
      {
        id: "i42/edit-down/r1/telegram",
        recipientName: "Grup Divisi IT",
        channel: "telegram",
        step: "edit",
        reason: "changed",
        status: "queued",
        attempts: 0,
        lastError: null,
        repeat: false,
        queuedAtMs: START_MS - 90_000,
        settledAtMs: null,
      },
    ],
  });
}

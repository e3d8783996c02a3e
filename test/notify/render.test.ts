/**
 * What people read: golden transcripts in both languages, and hostile names that must neither break nor turn a message.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cause, Evidence, IncidentKind, Language, Message, Step } from "../../collector/core/types.ts";
import { isPublicUrl, mapUrl, parseChatAddress } from "../../collector/notify/telegram/addresses.ts";
import { render, TEXT_LENGTH_MAX } from "../../collector/notify/telegram/render.ts";
import { parseHtml } from "../fakes/telegram/entities.ts";
import { readKeyboard } from "../fakes/telegram/message.ts";
import { textOf } from "../fakes/transcript.ts";
import { DETECTED_MS, message, ping, probed, STARTED_MS, tcp } from "./fixtures.ts";

const LANGUAGES: readonly Language[] = ["id", "en"];
const MINUTE_MS = 60_000;

const CAUSES: readonly Cause[] = [
  "host_crash_or_power",
  "host_rebooted",
  "host_hung",
  "host_suspended",
  "agent_stopped",
  "host_network",
  "site_lan",
  "site_link",
  "site_power",
  "site_link_or_power",
  "path_or_provider",
  "collector",
  "connection",
  "name_certificate_or_proxy",
  "planned",
  "unknown",
];

/** Each kind as it is usually told. */
const KINDS: Readonly<Record<IncidentKind, Partial<Message>>> = {
  host_down: {},
  host_hung: {
    cause: "host_hung",
    evidence: [
      probed(ping("alive", "reply")),
      probed({
        kind: "banner",
        target: "10.20.4.2:22",
        verdict: "dead",
        detail: "timeout",
        roundTripMs: null,
      }),
    ],
  },
  agent_down: {
    cause: "agent_stopped",
    evidence: [
      { type: "socket", state: "closed", wallMs: STARTED_MS + 4_000 },
      probed(ping("alive", "reply")),
      probed(tcp(22, "alive", "refused")),
      probed(tcp(443, "alive", "connected")),
    ],
  },
  path_down: {
    cause: "path_or_provider",
    confidence: "medium",
    evidence: [probed(ping("dead", "unreachable"))],
  },
  site_down: { cause: "site_link_or_power", variant: "link_or_power", confidence: "medium", serverName: "" },
  mass_outage: {
    cause: "path_or_provider",
    confidence: "low",
    serverName: "",
    siteName: null,
    siteAddress: null,
    latitude: null,
    longitude: null,
    evidence: [],
  },
  not_back: { cause: "planned", evidence: [probed(ping("dead", "timeout"))] },
  collector_trouble: {
    cause: "collector",
    serverName: "",
    siteName: null,
    siteAddress: null,
    latitude: null,
    longitude: null,
    evidence: [],
  },
  health: { cause: "unknown", evidence: [] },
};

function ended(step: Step, minutes: number, changes: Partial<Message> = {}): Partial<Message> {
  return {
    step,
    endedWallMs: STARTED_MS + minutes * MINUTE_MS,
    durationMs: minutes * MINUTE_MS,
    finalCause: "host_rebooted",
    ...changes,
  };
}

const NO_PROGRAM: readonly Evidence[] = [probed(ping("none", "no_program"))];

const CASES: readonly (readonly [string, Partial<Message>, boolean?])[] = [
  ...Object.entries(KINDS).map(
    ([kind, changes]) => [`down: ${kind}`, { kind: kind as IncidentKind, ...changes }] as const,
  ),
  ["down, told again because the first was not confirmed", {}, true],
  ["down, little evidence", { confidence: "low", cause: "unknown", evidence: NO_PROGRAM }],
  ["down, little evidence, a guess", { confidence: "low", evidence: NO_PROGRAM }],
  [
    "down over midnight",
    {
      startedWallMs: Date.UTC(2026, 10, 21, 15, 58, 40),
      detectedWallMs: Date.UTC(2026, 10, 21, 16, 1, 40),
      evidence: [],
    },
  ],
  [
    "down, in Jayapura, no address, no public panel",
    { timeZone: "Asia/Jayapura", siteAddress: null, panelUrl: "http://10.0.0.5:7373/incidents/i12" },
  ],
  [
    "down, in a place without an Indonesian zone, no site",
    {
      timeZone: "Europe/Amsterdam",
      siteName: null,
      siteAddress: null,
      latitude: null,
      longitude: null,
      panelUrl: null,
    },
  ],
  [
    "worse: the agent was silent, now the host is",
    {
      step: "worse",
      evidence: [
        probed(ping("alive", "reply")),
        { ...probed(ping("dead", "timeout")), wallMs: DETECTED_MS + 1 },
      ],
    },
  ],
  ["recovered", ended("recovered", 12)],
  [
    "recovered, shorter than ten minutes",
    ended("recovered", 3.75, { finalCause: "connection", kind: "agent_down" }),
  ],
  ["recovered after a night", ended("recovered", 1_203)],
  ["recovered, a day and more", ended("recovered", 1_700)],
  ["recovered, cause not known", ended("recovered", 60, { finalCause: "unknown" })],
  ["recovered, cause still a guess", ended("recovered", 65, { finalCause: null, confidence: "medium" })],
  ["told late", ended("told_late", 7)],
  ["told late, perhaps told before", ended("told_late", 7), true],
  ...Object.keys(KINDS).map(
    (kind) =>
      [`told late: ${kind}`, ended("told_late", 7, { kind: kind as IncidentKind, panelUrl: null })] as const,
  ),
  [
    "never came",
    {
      step: "never_came",
      incidentNumber: 0,
      cause: "unknown",
      evidence: [],
      detectedWallMs: STARTED_MS + 86_400_000,
    },
  ],
  [
    "hostile names",
    {
      serverName: '<b>srv</b> & "co" </a>\n@semua /stop',
      siteName: "‮Cabang מקסר 🏦",
      siteAddress: "Jl. <script>alert(1)</script>",
    },
  ],
];

function shown(changes: Partial<Message>, language: Language, repeat: boolean): string {
  const rendered = render(message(changes), language, repeat);
  const parsed = parseHtml(rendered.html);
  if (!parsed.ok) throw new Error(parsed.description);
  const buttons = rendered.buttons.map(({ text, url }) => `[ ${text} → ${url} ]`).join(" ");
  return [textOf(parsed.text, parsed.entities), buttons].filter(Boolean).join("\n");
}

describe("golden transcripts", () => {
  for (const language of LANGUAGES) {
    it(`every kind and step reads as it should in ${language}`, async () => {
      const text = CASES.map(
        ([title, changes, repeat]) => `── ${title}\n${shown(changes, language, repeat ?? false)}\n`,
      ).join("\n");
      await expect(text).toMatchFileSnapshot(`golden/messages.${language}.txt`);
    });

    it(`every cause reads as it should in ${language}, at the alert and after`, async () => {
      const line = (changes: Partial<Message>, index: number) =>
        shown({ panelUrl: null, evidence: [], ...changes }, language, false).split("\n")[index] ?? "";
      const text = CAUSES.map((cause) =>
        [
          `── ${cause}`,
          ...(["high", "medium", "low"] as const).map((confidence) => line({ cause, confidence }, 1)),
          line(ended("recovered", 12, { finalCause: cause }), 2),
        ].join("\n"),
      ).join("\n");
      await expect(`${text}\n`).toMatchFileSnapshot(`golden/causes.${language}.txt`);
    });
  }
});

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 400 }),
  fc.string({ unit: "grapheme", maxLength: 400 }),
  fc.constantFrom(
    "<b>",
    "</b></i>",
    "&lt;&#60;",
    'a & b < c > d "e"',
    "\u0000\u0008\u001b[31m",
    "line\r\nbreak\u2028x",
    "\u202eevil\u202c",
    "مكتب الفرع",
    "סניף",
    "👨‍👩‍👧‍👦".repeat(60),
    "é".normalize("NFD").repeat(300),
    "x".repeat(300),
    "\ud800 lone",
    " \t ",
    "",
    "@everyone",
    "/start abc",
    'https://evil.test/?a="><b>',
  ),
);

const numbers = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(NaN, Infinity, -1, 0, 1e300));

const messages = fc.record({
  step: fc.constantFrom<Step>("down", "worse", "recovered", "told_late", "never_came"),
  incidentNumber: fc.integer(),
  kind: fc.constantFrom(...(Object.keys(KINDS) as IncidentKind[])),
  variant: fc.option(hostile),
  serverName: hostile,
  siteName: fc.option(hostile),
  siteAddress: fc.option(hostile),
  latitude: fc.option(numbers),
  longitude: fc.option(numbers),
  timeZone: fc.oneof(hostile, fc.constantFrom("Asia/Makassar", "Asia/Jakarta", "UTC")),
  startedWallMs: numbers,
  detectedWallMs: numbers,
  endedWallMs: fc.option(numbers),
  durationMs: fc.option(numbers),
  confidence: fc.constantFrom("high", "medium", "low"),
  cause: fc.constantFrom(...CAUSES),
  finalCause: fc.option(fc.constantFrom(...CAUSES)),
  evidence: fc.array(
    fc.oneof(
      fc.record({ type: fc.constant("last_heard"), wallMs: numbers, silentMs: numbers }),
      fc.record({
        type: fc.constant("probe"),
        from: fc.constant("collector"),
        wallMs: numbers,
        result: fc.record({
          kind: fc.constantFrom("icmp", "tcp", "http", "banner"),
          target: hostile,
          verdict: fc.constantFrom("alive", "dead", "none"),
          detail: hostile,
          roundTripMs: fc.option(numbers),
        }),
      }),
      fc.record({ type: fc.constant("reboot"), clean: fc.option(fc.boolean()), wallMs: numbers }),
    ),
    { maxLength: 20 },
  ),
  panelUrl: fc.option(
    fc.oneof(hostile, fc.webUrl(), fc.constantFrom("http://localhost/x", "https://a.b/?q=\"'<>&")),
  ),
}) as fc.Arbitrary<Message>;

describe("hostile text", () => {
  it("any message is well-formed, inside Telegram's limit, and its buttons are ones Telegram takes", () => {
    fc.assert(
      fc.property(messages, fc.constantFrom(...LANGUAGES), fc.boolean(), (any, language, repeat) => {
        const rendered = render(any, language, repeat);
        const parsed = parseHtml(rendered.html);
        expect(parsed).toMatchObject({ ok: true });
        if (!parsed.ok) return;
        expect(parsed.text.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
        expect(rendered.plain.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
        expect(parsed.text.trim()).not.toBe("");
        expect(parsed.text).not.toMatch(
          /[\u0000-\u0009\u000b-\u001f\u202a-\u202e]|NaN|undefined|null|Invalid Date/,
        );
        const keyboard = readKeyboard({ inline_keyboard: [rendered.buttons] });
        expect(keyboard.ok).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("a readable name stays whole in the first line, whatever is in it", () => {
    const names = [
      "a<b & c>d",
      "srv 🏦🔥 kasir",
      "x".repeat(300),
      "é".repeat(300),
      "server dengan 'kutip' dan \"kutip\"",
      "café & naïve <script>",
    ];
    for (const serverName of names) {
      const parsed = parseHtml(render(message({ serverName }), "id", false).html);
      expect(parsed.ok && parsed.text.split("\n")[0]).toContain(serverName);
    }
  });

  it("a right-to-left name is isolated, so that the site after it stays in its place", () => {
    const parsed = parseHtml(render(message({ serverName: "\u202eמרכז" }), "id", false).html);
    expect(parsed.ok && parsed.text.split("\n")[0]).toBe("🔴 MATI · \u2068מרכז\u2069 — Cabang Makassar");
  });

  it("a name with line breaks stays on the first line", () => {
    const parsed = parseHtml(render(message({ serverName: "a\r\nb\u2028c\u0000d" }), "id", false).html);
    expect(parsed.ok && parsed.text.split("\n")[0]).toBe("🔴 MATI · a b c d — Cabang Makassar");
  });

  it("a name too long for a name is cut between characters, with an ellipsis", () => {
    const family = "👨‍👩‍👧‍👦";
    const parsed = parseHtml(render(message({ serverName: family.repeat(500) }), "en", false).html);
    const first = parsed.ok ? (parsed.text.split("\n")[0] ?? "") : "";
    const name = first.slice("🔴 DOWN · ".length, first.indexOf(" — "));
    expect(name.endsWith("…")).toBe(true);
    expect(name.slice(0, -1).replaceAll(family, "")).toBe("");
    expect(name.length).toBeGreaterThan(600);
  });

  it("a name that would call somebody or become a link is set as code, which stays quiet", () => {
    for (const serverName of ["@semua", "db.perusahaan.co.id", "/stop", "#tag"]) {
      const parsed = parseHtml(render(message({ serverName }), "id", false).html);
      const code = parsed.ok && parsed.entities.find(({ type }) => type === "code");
      expect(code && parsed.text.slice(code.offset, code.offset + code.length)).toBe(serverName);
    }
  });

  it("a message that would be too long loses its evidence before anything else", () => {
    const evidence = Array.from({ length: 12 }, (_, index) =>
      probed({ ...tcp(1, "dead", "timeout"), target: `${"t".repeat(70)}:${index + 1}` }),
    );
    const long = {
      serverName: "s".repeat(300),
      siteName: "c".repeat(300),
      siteAddress: "a".repeat(300),
      evidence,
    };
    const parsed = parseHtml(render(message(long), "id", true).html);
    expect(parsed.ok && parsed.text.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
    expect(parsed.ok && parsed.text).toContain("Insiden #12");
  });
});

describe("places and addresses", () => {
  it("the map link is one that opens the map app at the place", () => {
    expect(mapUrl(-5.135399, 119.42379)).toBe(
      "https://www.google.com/maps/search/?api=1&query=-5.135399%2C119.42379",
    );
    expect(mapUrl(0, 0)).toContain("0%2C0");
    for (const [latitude, longitude] of [
      [91, 0],
      [0, 181],
      [NaN, 0],
      [null, 1],
    ] as const) {
      expect(mapUrl(latitude, longitude)).toBeNull();
    }
  });

  it("a recovery shows no map: nobody has to go there any more", () => {
    expect(render(message(ended("recovered", 12)), "id", false).html).not.toContain("google.com/maps");
  });

  it("chat addresses are read, and what is no address is refused", () => {
    expect(parseChatAddress("4001")).toEqual({ chatId: "4001", threadId: null });
    expect(parseChatAddress("-1001234567890/17")).toEqual({ chatId: "-1001234567890", threadId: 17 });
    expect(parseChatAddress("-1001234567890/1")).toEqual({ chatId: "-1001234567890", threadId: null });
    expect(parseChatAddress(" @kanal_it ")).toEqual({ chatId: "@kanal_it", threadId: null });
    for (const address of ["", "abc", "12/x", "12/3/4", "@a", "1e5", "--1"]) {
      expect(parseChatAddress(address), address).toBeNull();
    }
  });

  it("public addresses are told from private ones", () => {
    for (const url of ["https://panel.co.id/x", "http://8.8.8.8:7373/"])
      expect(isPublicUrl(new URL(url))).toBe(true);
    for (const url of [
      "http://localhost",
      "http://127.0.0.1",
      "http://100.64.0.1",
      "http://0.0.0.0",
      "http://detak",
      "http://u:p@panel.co.id",
      "http://panel.internal",
      "http://panel.co.id.",
    ]) {
      expect(isPublicUrl(new URL(url)), url).toBe(false);
    }
  });
});

describe("evidence", () => {
  it("ports of one host that said the same are read as one", () => {
    const evidence = [22, 443, 3389].map((port) => probed(tcp(port, "alive", "refused")));
    const { plain } = render(message({ kind: "agent_down", evidence }), "en", false);
    expect(plain).toContain("TCP 22, 443, 3389 refused");
    expect(plain.match(/refused/g)).toHaveLength(1);
  });
});

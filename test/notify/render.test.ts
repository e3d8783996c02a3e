/**
 * What people read: golden transcripts in both languages, and hostile names that must neither break nor turn a message.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IncidentKind, Language, Message, NotifyReason } from "../../collector/core/types.ts";
import type { Telling } from "../../collector/notify/telegram/body.ts";
import { isPublicUrl, mapUrl, parseChatAddress } from "../../collector/notify/telegram/addresses.ts";
import { render, TEXT_LENGTH_MAX } from "../../collector/notify/telegram/render.ts";
import { parseHtml } from "../fakes/telegram/entities.ts";
import { readKeyboard } from "../fakes/telegram/message.ts";
import { textOf } from "../fakes/transcript.ts";
import { DETECTED_MS, FIRST, message, probed, REPEAT, tcp } from "./fixtures.ts";
import { CAUSES, ended, KINDS, member, REACHES, STEPS, STORIES } from "./stories.ts";

const LANGUAGES: readonly Language[] = ["id", "en"];
function shown(changes: Partial<Message>, language: Language, telling: Telling): string {
  const rendered = render(message(changes), language, telling);
  const parsed = parseHtml(rendered.html);
  if (!parsed.ok) throw new Error(parsed.description);
  const buttons = rendered.buttons.map(({ text, url }) => `[ ${text} → ${url} ]`).join(" ");
  return [textOf(parsed.text, parsed.entities), buttons].filter(Boolean).join("\n");
}

describe("golden transcripts", () => {
  for (const language of LANGUAGES) {
    it(`every kind, variant and step reads as it should in ${language}`, async () => {
      const text = STORIES.map(
        ({ title, message: changes, reason = "first", repeat = false }) =>
          `── ${title}\n${shown(changes, language, { reason, repeat })}\n`,
      ).join("\n");
      await expect(text).toMatchFileSnapshot(`golden/messages.${language}.txt`);
    });

    it(`every cause reads as it should in ${language}, at the alert and after`, async () => {
      const line = (changes: Partial<Message>, index: number) =>
        shown({ panelUrl: null, evidence: [], ...changes }, language, FIRST).split("\n")[index] ?? "";
      const text = CAUSES.map((cause) =>
        [
          `── ${cause}`,
          ...(["high", "medium", "low"] as const).map((confidence) => line({ cause, confidence }, 1)),
          line(ended("recovered", 12, { finalCause: cause }), 2),
        ].join("\n"),
      ).join("\n");
      await expect(`${text}\n`).toMatchFileSnapshot(`golden/causes.${language}.txt`);
    });

    it(`whatever an agent said of the collector is a sentence of its own in ${language}`, () => {
      const said = REACHES.map((problem) => {
        const evidence = [
          { type: "journal", finding: { type: "collector", problem }, wallMs: DETECTED_MS },
        ] as const;
        return shown(ended("recovered", 12, { evidence }), language, FIRST).split("\n")[3] ?? "";
      });
      expect(new Set(said).size).toBe(REACHES.length);
      for (const line of said) expect(line).toMatch(/^🔎 .{20,}$/u);
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
  step: fc.constantFrom(...STEPS),
  incidentNumber: fc.integer(),
  kind: fc.constantFrom(...(Object.keys(KINDS) as IncidentKind[])),
  variant: fc.option(
    fc.oneof(
      hostile,
      fc.constantFrom(
        "lan",
        "path",
        "agents",
        "link_or_power",
        "service",
        "uplink",
        "network",
        "constructor",
      ),
    ),
  ),
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
        from: fc.constantFrom("collector", "witness", "neighbour"),
        by: fc.option(hostile),
        wallMs: numbers,
        result: fc.record(
          {
            kind: fc.constantFrom("icmp", "tcp", "http", "banner"),
            target: hostile,
            verdict: fc.constantFrom("alive", "dead", "none"),
            detail: fc.oneof(hostile, fc.constantFrom("toString", "status_503", "closed", "connected")),
            roundTripMs: fc.option(numbers),
            banner: hostile,
            asExpected: fc.boolean(),
          },
          { requiredKeys: ["kind", "target", "verdict", "detail", "roundTripMs"] },
        ),
      }),
      fc.record({
        type: fc.constant("gateway"),
        address: hostile,
        verdict: fc.constantFrom("alive", "dead", "none"),
        wallMs: numbers,
      }),
      fc.record({
        type: fc.constant("sentinels"),
        alive: fc.array(hostile, { maxLength: 6 }),
        failed: fc.array(hostile, { maxLength: 6 }),
        wallMs: numbers,
      }),
      fc.record({
        type: fc.constant("journal"),
        finding: fc.oneof(
          fc.record({ type: fc.constantFrom("stood_still", "slept"), forMs: numbers }),
          fc.record({ type: fc.constantFrom("gateway", "internet"), reached: fc.boolean() }),
          fc.record({ type: fc.constantFrom("ran_all_along", "stopped_in_order", "link_down") }),
          fc.record({ type: fc.constant("collector"), problem: fc.constantFrom(...REACHES) }),
        ),
        wallMs: numbers,
      }),
      fc.record({ type: fc.constant("reboot"), clean: fc.option(fc.boolean()), wallMs: numbers }),
    ),
    { maxLength: 20 },
  ),
  members: fc.array(fc.record({ serverName: hostile, siteName: hostile }), { maxLength: 30 }),
  memberCount: numbers,
  siteCount: numbers,
  flapping: fc.option(fc.record({ incidents: fc.integer(), sinceWallMs: numbers, downNow: fc.boolean() })),
  addresses: fc.array(hostile, { maxLength: 6 }),
  panelUrl: fc.option(
    fc.oneof(hostile, fc.webUrl(), fc.constantFrom("http://localhost/x", "https://a.b/?q=\"'<>&")),
  ),
}) as fc.Arbitrary<Message>;

const tellings = fc.record({
  reason: fc.constantFrom<NotifyReason>(
    "first",
    "group_over",
    "maintenance_over",
    "flapping_digest",
    "recovered",
  ),
  repeat: fc.boolean(),
});

describe("hostile text", () => {
  it("any message is well-formed, inside Telegram's limit, and its buttons are ones Telegram takes", () => {
    fc.assert(
      fc.property(messages, fc.constantFrom(...LANGUAGES), tellings, (any, language, telling) => {
        const rendered = render(any, language, telling);
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
      const parsed = parseHtml(render(message({ serverName }), "id", FIRST).html);
      expect(parsed.ok && parsed.text.split("\n")[0]).toContain(serverName);
    }
  });

  it("a right-to-left name is isolated, so that the site after it stays in its place", () => {
    const parsed = parseHtml(render(message({ serverName: "\u202eמרכז" }), "id", FIRST).html);
    expect(parsed.ok && parsed.text.split("\n")[0]).toBe("🔴 MATI · \u2068מרכז\u2069 — Cabang Makassar");
  });

  it("a name with line breaks stays on the first line", () => {
    const parsed = parseHtml(render(message({ serverName: "a\r\nb\u2028c\u0000d" }), "id", FIRST).html);
    expect(parsed.ok && parsed.text.split("\n")[0]).toBe("🔴 MATI · a b c d — Cabang Makassar");
  });

  it("a name too long for a name is cut between characters, with an ellipsis", () => {
    const family = "👨‍👩‍👧‍👦";
    const parsed = parseHtml(render(message({ serverName: family.repeat(500) }), "en", FIRST).html);
    const first = parsed.ok ? (parsed.text.split("\n")[0] ?? "") : "";
    const name = first.slice("🔴 DOWN · ".length, first.indexOf(" — "));
    expect(name.endsWith("…")).toBe(true);
    expect(name.slice(0, -1).replaceAll(family, "")).toBe("");
    expect(name.length).toBeGreaterThan(600);
  });

  it("a name that would call somebody or become a link is set as code, which stays quiet", () => {
    for (const serverName of ["@semua", "db.perusahaan.co.id", "/stop", "#tag"]) {
      const parsed = parseHtml(render(message({ serverName }), "id", FIRST).html);
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
    const parsed = parseHtml(render(message(long), "id", REPEAT).html);
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
    expect(render(message(ended("recovered", 12)), "id", FIRST).html).not.toContain("google.com/maps");
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
    const { plain } = render(message({ kind: "agent_down", evidence }), "en", FIRST);
    expect(plain).toContain("TCP 22, 443, 3389 refused");
    expect(plain.match(/refused/g)).toHaveLength(1);
  });

  it("what a witness saw is not mixed up with what the collector saw, and names who saw it", () => {
    const evidence = [
      probed(tcp(22, "dead", "timeout")),
      probed(tcp(22, "alive", "refused"), "witness", "bdg-berkas"),
    ];
    const { plain } = render(message({ kind: "path_down", evidence }), "en", FIRST);
    expect(plain).toContain(
      "From the collector: TCP 22 gets no answer; from another site (bdg-berkas): TCP 22 refused",
    );
  });

  it("what a program said is cut and kept on the line", () => {
    const said = {
      ...tcp(22, "alive", "connected"),
      kind: "banner" as const,
      banner: `SSH\n${"x".repeat(200)}`,
    };
    const { plain } = render(message({ kind: "agent_down", evidence: [probed(said)] }), "en", FIRST);
    expect(plain).toMatch(/service on port 22 answers \(SSH x{36}…\)$/m);
  });
});

describe("many servers in one message", () => {
  const many = (count: number, name: (index: number) => string): Partial<Message> => ({
    ...KINDS.mass_outage,
    kind: "mass_outage",
    members: Array.from({ length: Math.min(30, count) }, (_, index) =>
      member(name(index), `Cabang ${name(index % 9)}`),
    ),
    memberCount: count,
    siteCount: 120,
  });

  it("stay well under 4,096 characters, and whoever is not named is counted", () => {
    for (const length of [3, 40, 300])
      for (const count of [3, 30, 5_000]) {
        const name = (index: number) => `s${index}-${"m".repeat(length)}`;
        const parsed = parseHtml(render(message(many(count, name)), "id", FIRST).html);
        if (!parsed.ok) throw new Error(parsed.description);
        expect(parsed.text.length).toBeLessThan(2_500);
        expect(parsed.text).toContain(`GANGGUAN MASSAL · ${count} server di 120 cabang`);
        const named = parsed.text.match(/s\d+-m/g)?.length ?? 0;
        const sites = parsed.text.match(/• Cabang/g)?.length ?? 0;
        const left = Number(/• dan (\d+) lainnya/.exec(parsed.text)?.[1] ?? "0");
        expect(named - sites + left).toBe(count);
      }
  });

  it("are gathered by site, and one that would call somebody stays quiet", () => {
    const members = [member("a", "X"), member("@semua", "Y"), member("b", "X")];
    const changes = { ...many(3, String), members, memberCount: 3, siteCount: 2 };
    const parsed = parseHtml(render(message(changes), "en", FIRST).html);
    if (!parsed.ok) throw new Error(parsed.description);
    expect(textOf(parsed.text, parsed.entities)).toContain("• X: a, b\n• Y: `@semua`\n");
  });
});

/**
 * Whatever names, people and broken clocks say, a message stays well-formed, within the limit, and calls nobody.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Language, Recipient } from "../../collector/core/types/registry.ts";
import type { Message } from "../../collector/core/types/telling.ts";
import type { Telling } from "../../collector/notify/channel.ts";
import { isPublicUrl, mapUrl } from "../../collector/notify/rendering/links.ts";
import { renderPlain } from "../../collector/notify/rendering/plain.ts";
import { placeOf } from "../../collector/notify/rendering/place.ts";
import { render, TEXT_LENGTH_MAX } from "../../collector/notify/rendering/render.ts";
import { parseChatAddress } from "../../collector/notify/telegram/addresses.ts";
import { readKeyboard } from "../fakes/telegram/message.ts";
import { textOf } from "../fakes/transcript.ts";
import { message, probed, recipient, STARTED_MS, tcp, telling, UNTOUCHED } from "./fixtures.ts";
import { messages, tellingsAbout } from "./render-arbitraries.ts";
import { ended, KINDS, member } from "./stories-kinds.ts";
import { markupOf, parsed } from "./stories-shown.ts";

const LANGUAGES: readonly Language[] = ["id", "en"];
const to = (language: Language, changes: Partial<Recipient> = {}) => recipient({ language, ...changes });
/** As Telegram reads it. */
const read = (
  changes: Partial<Message>,
  language: Language = "id",
  about: Parameters<typeof telling>[1] = {},
) => parsed(render([telling(changes, about)], to(language)));
const firstLine = (changes: Partial<Message>, language: Language = "id") =>
  read(changes, language).text.split("\n")[0] ?? "";
const plain = (changes: Partial<Message>, language: Language = "en") =>
  render([telling(changes)], to(language)).plain;

const recipients = fc.record({
  language: fc.constantFrom(...LANGUAGES),
  detail: fc.constantFrom("full", "short"),
  audience: fc.constantFrom("staff", "users"),
  timeZone: fc.option(fc.constantFrom("Asia/Jakarta", "Mars/Olympus")),
}) as fc.Arbitrary<Partial<Recipient>>;
const tellings = fc
  .tuple(messages, tellingsAbout)
  .map(([any, about]): Telling => ({ ...telling(), ...about, step: any.step, message: any }));
const BROKEN = /[\u0000-\u0009\u000b-\u001f\u202a-\u202e\ufdd0\ufdd1]|NaN|undefined|null|Invalid Date/;

describe("hostile text", () => {
  it("any message is well-formed, inside Telegram's limit, and its buttons are ones Telegram takes", () => {
    fc.assert(
      fc.property(tellings, recipients, (any, changes) => {
        const rendered = render([any], recipient(changes));
        const { text } = parsed(rendered);
        expect(text.trim()).toBe(rendered.text.trim());
        expect(text.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
        expect(rendered.plain.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
        expect(text.trim()).not.toBe("");
        expect(text).not.toMatch(BROKEN);
        expect(readKeyboard(markupOf(rendered.keyboard)).ok).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("so is any message that tells several, and any text for a channel without markup", () => {
    fc.assert(
      fc.property(
        fc.array(tellings, { minLength: 1, maxLength: 20 }),
        recipients,
        ([first, ...others], changes) => {
          if (!first) return;
          const rendered = render([first, ...others], recipient(changes));
          expect(parsed(rendered).text).not.toMatch(BROKEN);
          expect(rendered.text.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
          expect(rendered.plain.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
          const { title, text } = renderPlain([first, ...others], recipient({ ...changes, channel: "ntfy" }));
          expect(`${title}\n${text}`).not.toMatch(BROKEN);
          expect(title.trim()).not.toBe("");
          expect(title).not.toContain("\n");
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
          expect(text).not.toContain("/ack");
        },
      ),
      { numRuns: 300 },
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
    for (const serverName of names) expect(firstLine({ serverName })).toContain(serverName);
  });

  it("a right-to-left name is isolated, so that the site after it stays in its place", () => {
    expect(firstLine({ serverName: "\u202eמרכז" })).toBe("🔴 MATI · \u2068מרכז\u2069 — Cabang Makassar");
  });

  it("a right-to-left name that is cut is isolated all the same", () => {
    const members = Array.from({ length: 3 }, (_, index) => member(`מרכז ${"א".repeat(60)}${index}`));
    const { text } = read({ ...KINDS.site_down, kind: "site_down", members });
    expect(text.match(/\u2068/g)).toHaveLength(3);
    expect(text.match(/…\u2069/g)).toHaveLength(3);
  });

  it("a name with line breaks stays on the first line", () => {
    expect(firstLine({ serverName: "a\r\nb\u2028c\u0000d" })).toBe("🔴 MATI · a b c d — Cabang Makassar");
  });

  it("a name too long for a name is cut between characters, with an ellipsis", () => {
    const family = "👨‍👩‍👧‍👦";
    const first = firstLine({ serverName: family.repeat(500) }, "en");
    const name = first.slice("🔴 DOWN · ".length, first.indexOf(" — "));
    expect(name.endsWith("…")).toBe(true);
    expect(name.slice(0, -1).replaceAll(family, "")).toBe("");
    expect(name.length).toBeGreaterThan(600);
  });

  it("a name that would call somebody or become a link is set as code, which stays quiet", () => {
    for (const serverName of ["@semua", "db.perusahaan.co.id", "/stop", "#tag"]) {
      const { text, entities } = read({ serverName });
      const code = entities.find(({ type }) => type === "code");
      expect(code && text.slice(code.offset, code.offset + code.length)).toBe(serverName);
    }
  });

  it("so is the name of a person, of a witness, and what a program said", () => {
    const by = "@semua";
    const { text, entities } = read({
      handling: {
        acknowledgedBy: by,
        quiet: { by, untilWallMs: null },
        checked: { by, wallMs: STARTED_MS, evidence: [] },
        announced: false,
      },
      evidence: [
        probed(tcp(22, "alive", "refused"), "witness", by),
        probed({ ...tcp(23, "alive", "connected"), banner: by }),
      ],
    });
    const codes = entities.filter(({ type }) => type === "code");
    expect(codes.map(({ offset, length }) => text.slice(offset, offset + length))).toEqual(Array(5).fill(by));
    expect(text.split(by)).toHaveLength(6);
  });

  it("nobody ends the quiet of a name by a mark in it", () => {
    const { text, entities } = read({ handling: { ...UNTOUCHED, acknowledgedBy: "a\ufdd1@semua" } });
    const code = entities.find(({ type }) => type === "code");
    expect(code && text.slice(code.offset, code.offset + code.length)).toBe("a@semua");
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
    const { text } = read(long, "id", { repeat: true });
    expect(text.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
    expect(text).toContain("Insiden #12");
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
    expect(render([telling(ended("recovered", 12))], to("id")).html).not.toContain("google.com/maps");
  });

  it("a pin names the server and its site, or the site alone, and always an address", () => {
    const at = { latitude: -5.135399, longitude: 119.42379 };
    const of = (changes: Partial<Message>) => placeOf(message(changes), to("id"));
    expect(of({})).toEqual({
      ...at,
      title: "srv-kasir — Cabang Makassar",
      address: "Jl. Ahmad Yani 5, Makassar",
    });
    expect(of({ ...KINDS.site_down, kind: "site_down" })?.title).toBe("Cabang Makassar");
    expect(of({ siteAddress: null })?.address).toBe("Cabang Makassar");
    expect(of({ siteAddress: null, siteName: null })?.address).toBe("-5.135399, 119.42379");
    expect(of({ serverName: "", siteName: null })?.title).toBe("(tanpa nama)");
    expect(of({ serverName: "s".repeat(400), siteAddress: "a\nb" })).toMatchObject({
      title: expect.stringMatching(/^s{55}… — Cabang Makassar$/) as string,
      address: "a b",
    });
    expect(of({ latitude: null })).toBeNull();
    expect(of({ latitude: 91 })).toBeNull();
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
    const text = plain({ kind: "agent_down", evidence });
    expect(text).toContain("TCP 22, 443, 3389 refused");
    expect(text.match(/refused/g)).toHaveLength(1);
  });

  it("what a witness saw is not mixed up with what the collector saw, and names who saw it", () => {
    const evidence = [
      probed(tcp(22, "dead", "timeout")),
      probed(tcp(22, "alive", "refused"), "witness", "bdg-berkas"),
    ];
    expect(plain({ kind: "path_down", evidence })).toContain(
      "From the collector: TCP 22 gets no answer; from another site (bdg-berkas): TCP 22 refused",
    );
  });

  it("what a program said is cut and kept on the line", () => {
    const said = {
      ...tcp(22, "alive", "connected"),
      kind: "banner" as const,
      banner: `SSH\n${"x".repeat(200)}`,
    };
    expect(plain({ kind: "agent_down", evidence: [probed(said)] })).toMatch(
      /service on port 22 answers \(SSH x{36}…\)$/m,
    );
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
        const { text } = read(many(count, name));
        expect(text.length).toBeLessThan(2_500);
        expect(text.replaceAll(".", "")).toContain(`GANGGUAN MASSAL · ${count} server di 120 cabang`);
        const named = text.match(/s\d+-m/g)?.length ?? 0;
        const sites = text.match(/• Cabang/g)?.length ?? 0;
        const left = Number((/• dan ([\d.]+) lainnya/.exec(text)?.[1] ?? "0").replaceAll(".", ""));
        expect(named - sites + left).toBe(count);
      }
  });

  it("are gathered by site, and one that would call somebody stays quiet", () => {
    const members = [member("a", "X"), member("@semua", "Y"), member("b", "X")];
    const { text, entities } = read({ ...many(3, String), members, memberCount: 3, siteCount: 2 }, "en");
    expect(textOf(text, entities)).toContain("• X: a, b\n• Y: `@semua`\n");
  });
});

/**
 * The buttons below a message: which are there, and that a press is read strictly.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Recipient } from "../../collector/core/types/registry.ts";
import type { Message } from "../../collector/core/types/telling.ts";
import {
  announceKeyboard,
  mainKeyboard,
  muteKeyboard,
  parsePress,
  pressData,
  type Verb,
} from "../../collector/notify/rendering/keyboard.ts";
import { readKeyboard } from "../fakes/telegram/message.ts";
import { message, UNTOUCHED } from "./fixtures.ts";
import { hostile } from "./hostile.ts";
import { ended, KINDS, STEPS } from "./stories-kinds.ts";
import { markupOf } from "./stories-shown.ts";

const verbs: Readonly<Record<Verb, true>> = {
  ack: true,
  check: true,
  mute: true,
  mute1h: true,
  mutemorning: true,
  muterecovered: true,
  back: true,
  announce: true,
  say: true,
  unsay: true,
  over: true,
};
const VERBS = Object.keys(verbs) as readonly Verb[];
const STAFF: Pick<Recipient, "audience" | "language"> = { audience: "staff", language: "id" };
const rowsOf = (changes: Partial<Message> = {}, to = STAFF) =>
  mainKeyboard(message(changes), to).map((row) => row.map(({ text }) => text).join(" | "));

describe("buttons", () => {
  it("of an open incident: take, check, mute, announce, the map and the panel", () => {
    for (const step of ["down", "worse", "repeat"] as const)
      expect(rowsOf({ step })).toEqual([
        "✋ Saya tangani | 🔄 Periksa lagi",
        "🔕 Senyapkan | 📣 Umumkan",
        "📍 Peta | Buka di panel",
      ]);
    expect(rowsOf({}, { ...STAFF, language: "en" })[0]).toBe("✋ Mine | 🔄 Check again");
  });

  it("the first says who took it, within the width of a button; what was announced can be called over", () => {
    expect(
      rowsOf({ handling: { ...UNTOUCHED, acknowledgedBy: "Rani", announced: true } }).slice(0, 2),
    ).toEqual(["✋ Rani | 🔄 Periksa lagi", "🔕 Senyapkan | 📣 Umumkan pulih"]);
    const long = rowsOf({ handling: { ...UNTOUCHED, acknowledgedBy: "Rani Kusumawardhani Soedarmo" } })[0];
    expect(long).toBe("✋ Rani Kusumawardhan… | 🔄 Periksa lagi");
  });

  it("of one that is over: only the map and the panel; of its end only the panel", () => {
    expect(rowsOf(ended("down", 12))).toEqual(["📍 Peta | Buka di panel"]);
    expect(rowsOf(ended("recovered", 12))).toEqual(["Buka di panel"]);
    expect(rowsOf(ended("told_late", 12))).toEqual(["Buka di panel"]);
  });

  it("without a place or a public panel those are missing, and no row is empty", () => {
    const nowhere = { latitude: null, longitude: null, panelUrl: "http://10.0.0.5/incidents/i12" };
    expect(rowsOf(nowhere)).toHaveLength(2);
    expect(rowsOf({ ...nowhere, ...ended("down", 12) })).toEqual([]);
  });

  it("nobody announces to a branch that the collector cannot hear", () => {
    expect(rowsOf({ ...KINDS.collector_trouble, kind: "collector_trouble" })[1]).toBe("🔕 Senyapkan");
  });

  it("users have none, and what is no outage has no actions", () => {
    for (const step of STEPS) {
      expect(rowsOf({ step }, { audience: "users", language: "id" })).toEqual([]);
      if (step === "down" || step === "worse" || step === "repeat") continue;
      const data = mainKeyboard(message({ step }), STAFF)
        .flat()
        .filter((button) => "data" in button);
      expect(data, step).toEqual([]);
    }
    expect(rowsOf({ incidentNumber: 0 })).toEqual(["📍 Peta | Buka di panel"]);
  });

  it("all of them are taken by Telegram, whatever a person is called", () => {
    fc.assert(
      fc.property(hostile, (by) => {
        const keyboard = mainKeyboard(message({ handling: { ...UNTOUCHED, acknowledgedBy: by } }), STAFF);
        expect(readKeyboard(markupOf(keyboard)).ok).toBe(true);
      }),
    );
    for (const keyboard of [muteKeyboard("i12", "id"), announceKeyboard("i12", "en")])
      expect(readKeyboard(markupOf(keyboard)).ok).toBe(true);
  });

  it("the menu for a mute and the one below a preview", () => {
    const texts = (rows: ReturnType<typeof muteKeyboard>) => rows.map((row) => row.map(({ text }) => text));
    expect(texts(muteKeyboard("i12", "id"))).toEqual([
      ["1 jam", "Sampai 07:00"],
      ["Sampai pulih", "‹ Kembali"],
    ]);
    expect(texts(announceKeyboard("i12", "id"))).toEqual([["📣 Kirim", "Batal"]]);
  });
});

describe("presses", () => {
  it("what a button carries is read back, and is short", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...VERBS),
        fc.integer({ min: 1, max: 999_999_999_999_999 }),
        (verb, number) => {
          const data = pressData(verb, `i${number}`);
          expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
          expect(parsePress(data)).toEqual({ verb, incidentId: `i${number}` });
        },
      ),
    );
  });

  it("anything else is nothing", () => {
    for (const data of [
      "",
      "ack",
      "ack:",
      "ack:12",
      "ack:i",
      "ack:i0",
      "ack:i012",
      "ack:i-1",
      "ack:i1.5",
      "ack:i12 ",
      " ack:i12",
      "ack:i12\n",
      "ack:i12:x",
      "ACK:i12",
      "mute2h:i12",
      "constructor:i12",
      "ack:i1234567890123456",
      "ack:i１２",
    ])
      expect(parsePress(data), JSON.stringify(data)).toBeNull();
    fc.assert(fc.property(fc.string(), (data) => parsePress(data) === null));
  });
});

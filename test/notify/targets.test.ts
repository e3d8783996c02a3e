/**
 * Which message a row answers, and which it shows anew.
 * Why on rows alone: a reply to somebody else's message, or an edit of the wrong one, would say an outage of another server.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Notification, Step } from "../../collector/core/types/telling.ts";
import { targetsOf } from "../../collector/notify/targets.ts";
import { STEPS } from "./channel-contract-fixtures.ts";
import { notification } from "./fixtures.ts";

const TO = { id: "recipient1", boardExternalId: null };
const row = (step: Step, changes: Partial<Notification> = {}): Notification =>
  notification({ id: `i12/${step}`, step, ...changes });
const TOLD = [
  row("down", { externalId: "11" }),
  row("worse", { externalId: "12" }),
  row("announced", { externalId: "13" }),
  row("repeat", { externalId: "14" }),
  row("recovered", { externalId: "15" }),
];
const targets = (of: Notification, rows: readonly Notification[] = TOLD) => targetsOf(of, TO, () => rows);

describe("the message that a row answers", () => {
  for (const step of ["worse", "repeat", "recovered", "told_late", "pin"] as const) {
    it(`${step} answers the down message`, () =>
      expect(targets(row(step))).toEqual({ replyToExternalId: "11", editsExternalId: null }));
  }
  it("the end for users answers what was announced, not what staff were told", () =>
    expect(targets(row("announced_over"))).toEqual({ replyToExternalId: "13", editsExternalId: null }));
  for (const step of ["down", "announced"] as const) {
    it(`${step} answers nothing, also when it is sent again`, () =>
      expect(targets(row(step))).toEqual({ replyToExternalId: null, editsExternalId: null }));
  }

  it("what was never accepted, or by somebody else, is answered by nobody", () => {
    const nothing = { replyToExternalId: null, editsExternalId: null };
    expect(targets(row("recovered"), [row("down")])).toEqual(nothing);
    const others = [row("down", { externalId: "9", recipientId: "somebody" })];
    expect(targets(row("recovered"), others)).toEqual(nothing);
    expect(targets(row("recovered"), [])).toEqual(nothing);
  });

  it("only rows of the same incident are asked for", () => {
    const asked: string[] = [];
    targetsOf(row("recovered", { incidentId: "i7" }), TO, (incidentId) => {
      asked.push(incidentId);
      return [];
    });
    expect(asked).toEqual(["i7"]);
  });
});

describe("the message that is shown anew", () => {
  it("an edit shows the row it names, and answers nothing", () => {
    for (const [editOf, expected] of [
      ["i12/down", "11"],
      ["i12/recovered", "15"],
      ["i12/never-sent", null],
      [null, null],
    ] as const)
      expect(targets(row("edit", { editOf }))).toEqual({
        replyToExternalId: null,
        editsExternalId: expected,
      });
  });

  it("an edit never shows a row of another recipient", () => {
    const others = TOLD.map((one) => ({ ...one, recipientId: "somebody" }));
    expect(targets(row("edit", { editOf: "i12/down" }), others).editsExternalId).toBeNull();
  });

  it("a board shows the recipient's own, and looks at no rows", () => {
    const noRows = () => expect.fail("rows were asked for");
    expect(targetsOf(row("board"), { ...TO, boardExternalId: "40" }, noRows)).toEqual({
      replyToExternalId: null,
      editsExternalId: "40",
    });
    expect(targetsOf(row("board"), TO, noRows).editsExternalId).toBeNull();
  });

  it("whatever the rows are: never both, and only messages of the recipient", () => {
    const rows = fc.array(
      fc.record({
        step: fc.constantFrom(...STEPS),
        recipientId: fc.constantFrom("recipient1", "somebody"),
        externalId: fc.option(fc.integer({ min: 1, max: 99 }).map(String)),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...STEPS), rows, (step, changes) => {
        const all = changes.map((one, at) => row(one.step, { id: `row${at}`, ...one }));
        const found = targets(row(step, { editOf: "row0" }), all);
        const own = all.filter(({ recipientId }) => recipientId === TO.id).map((one) => one.externalId);
        for (const id of [found.replyToExternalId, found.editsExternalId])
          if (id !== null) expect(own).toContain(id);
        expect(found.replyToExternalId !== null && found.editsExternalId !== null).toBe(false);
        if (step !== "edit") expect(found.editsExternalId).toBeNull();
      }),
    );
  });
});

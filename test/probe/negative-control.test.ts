/**
 * Negative controls: when they are asked, how often, and how long an answer waits for them. That they see through a
 * real lying router is proven in house.test.ts.
 */
import { setMaxListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { ProbeRequest } from "../../collector/core/types/evidence.ts";
import { createNegativeControl, type NegativeControl } from "../../collector/probe/negative-control.ts";
import type { ProbeAnswer } from "../../shared/probe/result.ts";

const never = new AbortController().signal;
setMaxListeners(0, never);
const icmp: ProbeRequest = { kind: "icmp", host: "10.0.4.2", port: null };
const banner = (port: number): ProbeRequest => ({ kind: "banner", host: "10.0.4.2", port });
const alive: ProbeAnswer = { verdict: "alive", detail: "reply", roundTripMs: 1 };
const dead: ProbeAnswer = { verdict: "dead", detail: "timeout", roundTripMs: null };
const voided: ProbeAnswer = { verdict: "none", detail: "answered_for_all", roundTripMs: null };

interface World {
  readonly control: NegativeControl;
  readonly asked: string[];
  clockMs: number;
  answer: (request: ProbeRequest) => Promise<ProbeAnswer>;
}

/** A world in which addresses that nobody has answer as told; everything asked of it is written down. */
function world(addresses: readonly string[] = ["192.0.2.113", "198.51.100.113"]): World {
  const made: World = {
    control: createNegativeControl({
      now: () => made.clockMs,
      addresses,
      isOnLink: (address) => address.startsWith("192.168.") || address.startsWith("203."),
      ask: (request) => {
        made.asked.push(`${request.kind} ${request.host} ${request.port ?? ""}`.trim());
        return made.answer(request);
      },
    }),
    asked: [],
    clockMs: 0,
    answer: () => Promise.resolve(dead),
  };
  return made;
}

describe("a negative control", () => {
  it("is asked only about answers that something on the way could have given", async () => {
    const { control, asked } = world();
    const spoken = (said: string): ProbeAnswer => ({ ...alive, detail: "connected", banner: said });
    expect(await control.judged(icmp, "10.0.4.2", dead, never)).toBe(dead);
    expect(await control.judged(icmp, "192.168.0.9", alive, never)).toBe(alive);
    await control.judged(banner(22), "10.0.4.2", spoken("SSH-2.0-x"), never);
    expect(asked).toEqual([]);
    await control.judged(banner(80), "10.0.4.2", spoken("HTTP 200"), never);
    await control.judged(banner(443), "10.0.4.2", spoken("TLS"), never);
    expect(asked).toEqual([
      "banner 192.0.2.113 80",
      "banner 198.51.100.113 80",
      "banner 192.0.2.113 443",
      "banner 198.51.100.113 443",
    ]);
  });

  it("voids only when all addresses that nobody has answered", async () => {
    const one = world();
    one.answer = (request) => Promise.resolve(request.host === "192.0.2.113" ? alive : dead);
    expect(await one.control.judged(icmp, "10.0.4.2", alive, never)).toBe(alive);
    const all = world();
    all.answer = () => Promise.resolve(alive);
    expect(await all.control.judged(icmp, "10.0.4.2", alive, never)).toEqual(voided);
  });

  it("an own inability voids nothing", async () => {
    const unable = world();
    unable.answer = () => Promise.resolve({ verdict: "none", detail: "no_permission", roundTripMs: null });
    expect(await unable.control.judged(icmp, "10.0.4.2", alive, never)).toBe(alive);
  });

  it("of TCP says nothing about ICMP, of one port nothing about another, of IPv4 nothing about IPv6", async () => {
    const mixed = world(["192.0.2.113", "2001:db8::113"]);
    mixed.answer = (request) => Promise.resolve(request.port === 443 ? alive : dead);
    expect(await mixed.control.judged(banner(443), "10.0.4.2", alive, never)).toEqual(voided);
    expect(await mixed.control.judged(banner(22), "10.0.4.2", alive, never)).toBe(alive);
    expect(await mixed.control.judged(icmp, "10.0.4.2", alive, never)).toBe(alive);
    expect(await mixed.control.judged(icmp, "fd00::2", alive, never)).toBe(alive);
    expect(mixed.asked).toEqual([
      "banner 192.0.2.113 443",
      "banner 192.0.2.113 22",
      "icmp 192.0.2.113",
      "icmp 2001:db8::113",
    ]);
  });

  it("a bare accept there does not void a page that was read, a page there does", async () => {
    const accepting = world();
    accepting.answer = () => Promise.resolve({ ...alive, detail: "connected" });
    const page: ProbeAnswer = { ...alive, detail: "connected", banner: "HTTP 200" };
    expect(await accepting.control.judged(banner(80), "10.0.4.2", page, never)).toBe(page);
    const portal = world();
    portal.answer = () => Promise.resolve({ ...alive, detail: "connected", banner: "HTTP 302" });
    expect(await portal.control.judged(banner(80), "10.0.4.2", page, never)).toEqual(voided);
  });

  it("leaves out addresses of own nets, and asks nobody when none is left", async () => {
    const own = world(["203.0.113.113"]);
    own.answer = () => Promise.resolve(alive);
    expect(await own.control.judged(icmp, "10.0.4.2", alive, never)).toBe(alive);
    expect(own.asked).toEqual([]);
  });

  it("is asked at most once a minute, however many ask, and then anew", async () => {
    const calm = world();
    await Promise.all(Array.from({ length: 50 }, () => calm.control.judged(icmp, "10.0.4.2", alive, never)));
    calm.clockMs = 59_999;
    await calm.control.judged(icmp, "10.0.4.3", alive, never);
    expect(calm.asked).toHaveLength(2);
    calm.clockMs = 60_000;
    calm.answer = () => Promise.resolve(alive);
    expect(await calm.control.judged(icmp, "10.0.4.2", alive, never)).toEqual(voided);
    expect(calm.asked).toHaveLength(4);
  });

  it("does not hold an answer beyond its round: then what was known before counts", async () => {
    const slow = world();
    slow.answer = () => Promise.resolve(alive);
    expect(await slow.control.judged(icmp, "10.0.4.2", alive, never)).toEqual(voided);
    slow.clockMs = 60_000;
    slow.answer = () => new Promise(() => undefined);
    const round = new AbortController();
    const held = slow.control.judged(icmp, "10.0.4.2", alive, round.signal);
    round.abort();
    expect(await held).toEqual(voided);
    // Nothing known before: believed.
    const first = slow.control.judged(banner(22), "10.0.4.2", alive, round.signal);
    expect(await first).toBe(alive);
  });

  it("knows a limit of different questions: a port beyond it is believed", async () => {
    const many = world();
    many.answer = () => Promise.resolve(alive);
    for (let port = 1; port <= 32; port += 1)
      expect(await many.control.judged(banner(port), "10.0.4.2", alive, never)).toEqual(voided);
    expect(await many.control.judged(banner(33), "10.0.4.2", alive, never)).toBe(alive);
    expect(many.asked).toHaveLength(64);
    // Old questions make room.
    many.clockMs = 120_000;
    expect(await many.control.judged(banner(33), "10.0.4.2", alive, never)).toEqual(voided);
  });
});

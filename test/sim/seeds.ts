/**
 * Seeds with a story: each one failed once, and why. They run in every `npm test`.
 * Why kept: a mistake that was made once is made again.
 * Must not: lose an entry because its world looks different now; a changed world is still a world.
 */
import type { Size } from "./plan-drawing.ts";

export interface NamedSeed {
  readonly seed: number;
  readonly size: Size;
  readonly story: string;
}

const small: Size = { hours: 6, servers: 10 };
const usual: Size = { hours: 24, servers: 20 };
const large: Size = { hours: 24, servers: 40 };

export const namedSeeds: readonly NamedSeed[] = [
  {
    seed: 2,
    size: small,
    story: "a ping-only server was judged at the next probe after T instead of at T",
  },
  {
    seed: 25,
    size: small,
    story: "an end told late after an unknown down was lost: the mark was taken for the one repeat",
  },
  {
    seed: 50,
    size: small,
    story: "as 25, with another failure of Telegram",
  },
  {
    seed: 17,
    size: small,
    story: "the answer of a hanging send came after its row was merged into a told_late",
  },
  {
    seed: 39,
    size: usual,
    story:
      "after a restart heartbeats that were lost with the volatile facts did not count, and a verdict fell 11 s early",
  },
  {
    seed: 95,
    size: usual,
    story:
      "a ping-only server that had never answered was paused, the collector restarted, and it was told as down",
  },
  {
    seed: 341,
    size: usual,
    story: "the answer of a ping-only server came just after T, and the verdict waited for another tick",
  },
  {
    seed: 1051,
    size: usual,
    story:
      "a full disk kept the answers of a fine device, its rounds were over when they were taken, and it was told as down",
  },
  {
    seed: 1092,
    size: usual,
    story:
      "heartbeats kept by a full disk were stamped with the time of their replay, and an outage was told 142 s late",
  },
  {
    seed: 1252,
    size: usual,
    story:
      "a heartbeat between the stored clock and the kill did not count as heard, and a verdict fell 0.2 s early",
  },
  {
    seed: 3053,
    size: usual,
    story: "the collector started while its disk was full, ran without having started, and judged 10 s early",
  },
  {
    seed: 3424,
    size: usual,
    story: "down, heard and down again while the disk was full: two incidents in one second",
  },
  {
    seed: 4071,
    size: usual,
    story: "a stopped agent was taken for up after the second restart, and told as down",
  },
  {
    seed: 16,
    size: { hours: 12, servers: 20 },
    story:
      "T = 6 η: each round of a ping-only server was cut short by the next, and no outage of it was ever told",
  },
  {
    seed: 30_003,
    size: usual,
    story: "three incidents within the collector's hour, of which a reboot of its host hid ten minutes",
  },
  {
    seed: 50_095,
    size: large,
    story: "the first tick after a suspend took the sleep for 2 η without anybody, and told an isolation",
  },
  {
    seed: 100_022,
    size: large,
    story:
      "a server that was paused while its site fell counted as heard all the while, so the site seemed to stay open",
  },
  {
    seed: 100_391,
    size: large,
    story: "as 100128",
  },
  {
    seed: 100_128,
    size: large,
    story:
      "a digest of who flaps, an hour late in truth: the collector's host was off and does not know for how long",
  },
  {
    seed: 53_072,
    size: usual,
    story:
      "one missed answer of sixteen made a program's silence no evidence for half a day: a hung host was told as a stopped agent",
  },
  {
    seed: 53_062,
    size: usual,
    story:
      "a ping-only server that failed one question kept its site open for a tick longer than its members",
  },
  {
    seed: 100_556,
    size: large,
    story: "a server that is heard was moved into a site that is down",
  },
  {
    seed: 100_732,
    size: large,
    story:
      "the far sentinel failed minutes before the near one: only from then on nobody could prove the own network",
  },
  {
    seed: 100_945,
    size: large,
    story:
      "a stopped agent became a dead host while the collector was cut off; and a digest waited for the isolation to end",
  },
  {
    seed: 101_007,
    size: large,
    story:
      "a tick waited behind a locked disk with the stamp of its moment, so that the next one came exactly η/3 late: no stall",
  },
  {
    seed: 101_237,
    size: large,
    story:
      "a window ended while the collector was off: what it muted is told when the grace is over, or is back by then",
  },
  {
    seed: 101_482,
    size: large,
    story:
      "a server was left out of its site because its parent was down, though it was heard: the site fell without it",
  },
  {
    seed: 101_587,
    size: large,
    story: "as 53072, in the first hour: a round into a cut line was taken for what is usual",
  },
  {
    seed: 101_798,
    size: large,
    story:
      "a message was sent, and the lock of the disk kept the word of that from being written: it only seemed to wait; later: a pause of 58 s within the grace of a start was taken for the end of a recovery that went on",
  },
  {
    seed: 101_876,
    size: large,
    story:
      "back from its reboot by a heartbeat that a crash took before its commit: the promise still stands, and is broken",
  },
  {
    seed: 102_097,
    size: large,
    story: "seen alive by its neighbours, then the line went: a stopped agent is no wrong word",
  },
  {
    seed: 102_165,
    size: large,
    story: "the first of the many was a ping-only server, asked T/3 before the others fell",
  },
  {
    seed: 102_198,
    size: large,
    story:
      "the end of its parent's outage put off the look at a server that was recovering and fell silent again: it recovered by two heartbeats a minute apart",
  },
  {
    seed: 102_249,
    size: large,
    story: "a site whose first one back is a ping-only server",
  },
  {
    seed: 102_703,
    size: large,
    story:
      "a closed network without a sentinel, cut off: what was told before became something worse by that",
  },
  {
    seed: 102_867,
    size: large,
    story:
      "the near sentinel died minutes after the far one, and was asked each T/3 only though nobody was heard",
  },
  {
    seed: 103_049,
    size: large,
    story: "the collector's host was off when all faults ended, and the agent on it stayed off",
  },
  {
    seed: 103_103,
    size: large,
    story: "a window was removed in the seconds in which what it muted came back",
  },
  {
    seed: 103_107,
    size: large,
    story: "resumed by staff in the middle of a mass outage, silent since before: one of the many",
  },
  {
    seed: 110_095,
    size: large,
    story:
      "a heartbeat was read while the commit before a mass outage was under way, behind its decision in the queue",
  },
  {
    seed: 120_146,
    size: large,
    story:
      "rounds within the grace of a start taught nothing, and a host that hung in its first quarter of an hour was told as a stopped agent",
  },
  {
    seed: 120_150,
    size: large,
    story:
      "a ping-only server behind a line that always loses packets failed one question just before the end",
  },
  {
    seed: 120_326,
    size: large,
    story:
      "a guest joined the mass outage that its host belongs to, long after the many: that is its parent's cover",
  },
  {
    seed: 120_339,
    size: large,
    story: "a heartbeat was read while the commit of an isolation was under way",
  },
  {
    seed: 120_539,
    size: large,
    story:
      "witnesses saw it alive while our own pings told nothing: a stopped agent was told as a broken path",
  },
  {
    seed: 120_675,
    size: large,
    story: "behind a slow disk the end of an isolation was decided seconds after its event was stamped",
  },
  {
    seed: 120_889,
    size: large,
    story:
      "an agent was stopped by hand, pings became void, and a port that never answered made its host look dead",
  },
  {
    seed: 121_216,
    size: large,
    story:
      "a link that broke each ten minutes threw away what had been learned: a hung host was told as a stopped agent",
  },
  {
    seed: 121_335,
    size: large,
    story:
      "heartbeats were read while a locked disk kept a commit waiting: the wait was no part of their silence",
  },
  {
    seed: 121_375,
    size: large,
    story:
      "a crash at the end of a full disk: heartbeats of minutes were lost, and silence counts from before them",
  },
  {
    seed: 121_487,
    size: large,
    story: "a copy of a machine spoke for less than a second: two machines all the same",
  },
  {
    seed: 130_201,
    size: large,
    story:
      "a locked disk kept the word that nothing was sent until the lease was over, and after a crash the message was given up",
  },
  {
    seed: 130_709,
    size: large,
    story:
      "a line cut in one direction while heartbeats still came: the round in between was learned, and a hung host was told as a stopped agent",
  },
  {
    seed: 131_331,
    size: large,
    story:
      "a device that stopped answering pings, and then pings could not be asked any more: its port never had answered",
  },
  {
    seed: 131_441,
    size: large,
    story: "as 130709: asked while it was cut off, answered when it was connected again",
  },
  {
    seed: 132_371,
    size: large,
    story:
      "moved to another site in the seconds before its verdict: its witnesses were neighbours when they were asked",
  },
  {
    seed: 140_124,
    size: large,
    story:
      "a device behind a line that loses packets failed one question when many others were judged, and was told among them",
  },
  {
    seed: 150_159,
    size: large,
    story: "staff took a window away between two looks of the oracle, and what it had muted was told at once",
  },
  {
    seed: 150_233,
    size: large,
    story:
      "a device's last answer before a crash did not reach the disk, and an isolation came so much sooner",
  },
  {
    seed: 150_757,
    size: large,
    story: "a site came back while the disk was full, and its end could not be written down for six minutes",
  },
  {
    seed: 150_905,
    size: large,
    story: "two machines with one identity, and the only chat had blocked the bot",
  },
  {
    seed: 160_234,
    size: large,
    story:
      "the collector slept over an answer, and its line was cut before it woke: the answer was from before",
  },
  {
    seed: 160_349,
    size: large,
    story: "a machine behind NAT whose agent was stopped: the router answers for it when its network is cut",
  },
  {
    seed: 160_485,
    size: large,
    story: "a step of the wall clock ended a window between two looks of the oracle",
  },
  {
    seed: 160_908,
    size: large,
    story:
      "staff had resumed a server while isolated, and when it connected that moment was taken for its heartbeat",
  },
  {
    seed: 161_074,
    size: large,
    story: "staff gave a silent server a longer T of its own just when a grace had ended",
  },
  {
    seed: 170_115,
    size: large,
    story: "one lost question among the first seven made a program's silence no evidence for three hours",
  },
  {
    seed: 171_220,
    size: large,
    story:
      "one of a site's servers was moved away while the site was down in its window: the window is the site's",
  },
  {
    seed: 180_381,
    size: large,
    story:
      "a round met a cut, a heartbeat still came, and then silence: what it met was learned, and asked about in an hour",
  },
  {
    seed: 190_803,
    size: large,
    story: "a chat that asked for a wait of two seconds was written to sooner than its pace allows",
  },
  {
    seed: 190_849,
    size: large,
    story:
      "pings had proven nothing for hours, two of them were lost on a poor line within a minute, and a fine device was told as down",
  },
  {
    seed: 200_568,
    size: large,
    story:
      "a stall just at the length of a gap, soon after another one: taken for a drain, the oracle held that the first still counted for nobody",
  },
  {
    seed: 200_654,
    size: large,
    story:
      "pings were answered for everybody, and a device whose web page had stopped was not judged by the page that was asked of it",
  },
  {
    seed: 201_120,
    size: large,
    story: "as 200654: a device with a check was not judged by it while pings were answered for everybody",
  },
  {
    seed: 201_381,
    size: large,
    story:
      "hung five minutes after the first start, paused and resumed: what it was asked before the pause was learned as usual, and the oracle thought that it could be known",
  },
  {
    seed: 201_988,
    size: large,
    story:
      "no ping program, and the one port was closed by a firewall: staff chose another port, and what the old one had not answered made a fine device down",
  },
  {
    seed: 203_299,
    size: large,
    story: "a hang of seven seconds met one of nine rounds; the oracle thought that a hang could be known",
  },
  {
    seed: 203_862,
    size: large,
    story: "staff chose other ports within a silence: a full T from then on, which the oracle did not grant",
  },
  {
    seed: 204_154,
    size: large,
    story:
      "a link that broke each four minutes: rounds a third of T after its return never had 8/3 η after them, and nothing was learned in seven hours",
  },
  {
    seed: 310_055,
    size: large,
    story:
      "an outage and its end became one message while the server's next outage waited, and were told after it",
  },
  {
    seed: 320_091,
    size: large,
    story:
      "a down of unknown fate twice, the second time after its end: the fallback was told that it is down",
  },
  {
    seed: 320_157,
    size: large,
    story:
      "heard while the commit that opened its site's outage was under way; the oracle took that for heard before",
  },
  {
    seed: 400_834,
    size: large,
    story: "over a restart the boot clock knows ten milliseconds more or less, also of a promise to be back",
  },
  {
    seed: 400_996,
    size: large,
    story:
      "a host whose agent had been stopped opened a mass outage by its own verdict, and was not listed in it",
  },
  {
    seed: 401_124,
    size: large,
    story:
      "the last of a site was only suspect and came back; the oracle wanted the end when the others had been closed",
  },
  {
    seed: 410_018,
    size: large,
    story:
      "it heard again while the disk was full; the oracle counted the grace from when that could be written down",
  },
  {
    seed: 410_062,
    size: large,
    story: "a stand-in was told that it is worse and so of its end; the oracle knew only of downs",
  },
  {
    seed: 410_178,
    size: large,
    story: "staff edited a device under a parent that was removed: refused, and they went on believing in it",
  },
  {
    seed: 410_434,
    size: large,
    story: "a cut route, told as a path by witnesses, and then the collector was cut off too: either is true",
  },
  {
    seed: 420_020,
    size: large,
    story:
      "the collector woke, and the answer that its sleep had cut short was read before the first tick: it called itself cut off for a second",
  },
  {
    seed: 420_129,
    size: large,
    story:
      "registered at a site where it is not, whose agents were taken for its neighbours; the oracle promised a kind",
  },
  {
    seed: 420_424,
    size: large,
    story:
      "credited by a T of six minutes after a sleep, then staff made it four: told at once, 110 s after its last sign of life",
  },
  {
    seed: 420_469,
    size: large,
    story:
      "the first telling waited for a locked disk; the oracle counted the next recipient's time from when it was kept",
  },
  {
    seed: 420_551,
    size: large,
    story: "back for nine seconds and gone again by its own word; the oracle wanted the end all the same",
  },
  {
    seed: 430_230,
    size: large,
    story:
      "three cuts one over the other: witnesses saw it before they were cut off too; the oracle knew only what they see now",
  },
  {
    seed: 430_395,
    size: large,
    story:
      "MISSED: no ping program, another port by staff, which answered once before the line was cut: not learned yet, so its silence was none",
  },
  {
    seed: 440_267,
    size: large,
    story:
      "a disk that was locked for seconds between two looks of the oracle: the verdict waited for it, and was called late",
  },
  {
    seed: 441_024,
    size: large,
    story:
      "back from a suspend while the disk refused, then two restarts; the oracle took it for planned again after the second",
  },
  {
    seed: 450_404,
    size: large,
    story:
      "a mass outage and a heartbeat of one of its servers, read while the verdict was written; the oracle took that for when it fell",
  },
];

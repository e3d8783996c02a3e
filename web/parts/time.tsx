/**
 * Moments and durations on a page: in words, with the exact moment on hover, for machines and in print.
 * Why attributes: islands/clock.ts keeps the words fresh from them; with script off they stay as drawn.
 * Must not: read a clock.
 */
import { clockTime, exactMoment, shortMoment, zonedMoment } from "../i18n/format.ts";
import { spokenDuration, spokenMoment } from "../islands/spoken-time.ts";
import type { Html, Scene } from "../scene.ts";

interface MomentProps {
  readonly scene: Scene;
  readonly atMs: number;
  /** The site's zone where the moment belongs to a site. */
  readonly timeZone?: string | undefined;
}

const iso = (atMs: number) => new Date(atMs).toISOString();

/** "12 menit yang lalu" */
export function Ago({ scene, atMs, timeZone }: MomentProps): Html {
  return (
    <time
      datetime={iso(atMs)}
      title={exactMoment(scene.language, timeZone ?? scene.timeZone, atMs)}
      data-ago={String(atMs)}
    >
      {spokenMoment(scene.language, atMs, scene.nowMs)}
    </time>
  );
}

/** "22 Nov, 20.42"; only the time when that is enough (`clock`); with its zone where several may be meant (`zoned`). */
export function At({
  scene,
  atMs,
  timeZone,
  clock = false,
  zoned = false,
}: MomentProps & { readonly clock?: boolean; readonly zoned?: boolean }): Html {
  const zone = timeZone ?? scene.timeZone;
  const said = clock ? clockTime : zoned ? zonedMoment : shortMoment;
  return (
    <time datetime={iso(atMs)} title={exactMoment(scene.language, zone, atMs)}>
      {said(scene.language, zone, atMs)}
    </time>
  );
}

/** "12 menit", growing while nothing has ended. */
export function Lasting({
  scene,
  fromMs,
  toMs,
}: {
  readonly scene: Scene;
  readonly fromMs: number;
  readonly toMs: number | null;
}): Html {
  const words = spokenDuration(scene.language, (toMs ?? scene.nowMs) - fromMs);
  return toMs === null ? <span data-lasting={String(fromMs)}>{words}</span> : <span>{words}</span>;
}

export function Duration({ scene, ms }: { readonly scene: Scene; readonly ms: number }): Html {
  return <span>{spokenDuration(scene.language, ms)}</span>;
}

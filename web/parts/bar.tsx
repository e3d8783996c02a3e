/**
 * A thin bar for a share of 0 to 1, with its number.
 * Why SVG: the content policy allows no inline style, and a drawing needs none.
 * Must not: be the only place where the value is; the number stands beside it.
 */
import { percent } from "../i18n/format.ts";
import type { Html, Scene } from "../scene.ts";

/** From here on a person should think about it, and from here on act. Disks fill slowly, so the same for all. */
const SHARE_HIGH = 0.8;
const SHARE_FULL = 0.92;

export function Bar({
  scene,
  share,
  label,
}: {
  readonly scene: Scene;
  readonly share: number | undefined;
  /** What is measured, for those who can not see the column's head. */
  readonly label: string;
}): Html {
  if (share === undefined)
    return (
      <span class="bar-empty" title={scene.texts.servers.noReading}>
        –<span class="unseen">{scene.texts.servers.noReading}</span>
      </span>
    );
  const level = share >= SHARE_FULL ? "full" : share >= SHARE_HIGH ? "high" : "calm";
  return (
    <span class={`bar bar-${level}`} title={`${label}: ${percent(scene.language, share)}`}>
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect class="bar-track" width="100" height="4" />
        <rect class="bar-fill" width={String(Math.round(share * 1000) / 10)} height="4" />
      </svg>
      <span class="bar-number">{percent(scene.language, share)}</span>
    </span>
  );
}

/**
 * The last health sample of a server, as bars and numbers.
 * Must not: show a missing reading as zero; a field that is absent is not drawn.
 */
import { bytes, number } from "../i18n/format.ts";
import { spokenDuration } from "../islands/spoken-time.ts";
import type { Html, Scene } from "../scene.ts";
import type { ServerView } from "../source-servers.ts";
import { Bar } from "./bar.tsx";

/** Disks shown; a sample holds at most 32, largest first. */
const DISKS_MAX = 32;

function Gauge({
  scene,
  label,
  share,
  detail,
}: {
  readonly scene: Scene;
  readonly label: string;
  readonly share: number | undefined;
  readonly detail?: string | undefined;
}): Html {
  return (
    <div class="gauge">
      <dt>{label}</dt>
      <dd>
        <Bar scene={scene} share={share} label={label} />
        {detail ? <span class="quiet">{detail}</span> : null}
      </dd>
    </div>
  );
}

function Fact({ label, text }: { readonly label: string; readonly text: string }): Html {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{text}</dd>
    </div>
  );
}

/** Used over total, both known and the total not zero; else nothing to draw. */
function portion(
  used: number | undefined,
  total: number | undefined,
): { readonly used: number; readonly total: number; readonly share: number } | null {
  if (used === undefined || total === undefined || total <= 0) return null;
  return { used, total, share: Math.min(1, used / total) };
}

export function Health({
  scene,
  health,
}: {
  readonly scene: Scene;
  readonly health: NonNullable<ServerView["health"]>;
}): Html {
  const { texts, language } = scene;
  const { sample } = health;
  const size = (value: number) => bytes(language, value);
  const of = (part: { used: number; total: number }) => texts.server.of(size(part.used), size(part.total));
  const memory = portion(sample.memoryUsedBytes, sample.memoryTotalBytes);
  const swap = portion(sample.swapUsedBytes, sample.swapTotalBytes);
  const traffic = [
    [sample.networkReceivedBytesPerSecond, texts.server.received],
    [sample.networkSentBytesPerSecond, texts.server.sent],
  ] as const;
  const rates = traffic.flatMap(([rate, word]) => (rate === undefined ? [] : [`${size(rate)}/s ${word}`]));
  return (
    <>
      <dl class="gauges">
        {sample.cpu === undefined ? null : (
          <Gauge scene={scene} label={texts.server.cpu} share={sample.cpu} />
        )}
        {memory ? (
          <Gauge scene={scene} label={texts.server.memory} share={memory.share} detail={of(memory)} />
        ) : null}
        {swap ? <Gauge scene={scene} label={texts.server.swap} share={swap.share} detail={of(swap)} /> : null}
        {(sample.disks ?? []).slice(0, DISKS_MAX).map((disk) => {
          const space = portion(disk.usedBytes, disk.sizeBytes);
          return space ? (
            <Gauge
              scene={scene}
              label={`${texts.server.disk} ${disk.mount}`}
              share={space.share}
              detail={of(space)}
            />
          ) : null;
        })}
      </dl>
      <dl class="facts facts-small">
        {sample.load ? (
          <Fact
            label={texts.server.load}
            text={sample.load.map((value) => number(language, value, 2)).join(" · ")}
          />
        ) : null}
        {rates.length > 0 ? <Fact label={texts.server.network} text={rates.join(" · ")} /> : null}
        {sample.temperatureCelsius === undefined ? null : (
          <Fact label={texts.server.temperature} text={`${number(language, sample.temperatureCelsius)} °C`} />
        )}
        {sample.uptimeSeconds === undefined ? null : (
          <Fact label={texts.server.uptime} text={spokenDuration(language, sample.uptimeSeconds * 1_000)} />
        )}
      </dl>
    </>
  );
}

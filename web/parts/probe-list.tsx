/**
 * What probes said, one line each.
 * Must not: turn "no evidence" into "dead": the words keep the three apart.
 */
import { word } from "../i18n/language.ts";
import type { Html, Scene } from "../scene.ts";
import type { ProbeView } from "../source-servers.ts";
import { probeDetail, probeVerdict } from "./sentences.ts";

export function ProbeList({
  scene,
  probes,
}: {
  readonly scene: Scene;
  readonly probes: readonly ProbeView[];
}): Html {
  const { texts } = scene;
  return (
    <ul class="probes">
      {probes.map((probe) => (
        <li class={`probe probe-${probe.asExpected === false ? "wrong" : probe.verdict}`}>
          <span class="probe-what">
            {word(texts.probeKind, probe.kind)} <span class="code">{probe.target}</span>
          </span>
          <span class="probe-verdict">{probeVerdict(scene, probe)}</span>
          <span class="probe-detail">{probeDetail(scene, probe)}</span>
        </li>
      ))}
    </ul>
  );
}

/**
 * The page System: can the collector hear, save, tell and probe; its versions and settings.
 * Must not: show a secret; every detail here is already redacted by the collector.
 */
import { exactMoment } from "../i18n/format.ts";
import { word } from "../i18n/language.ts";
import { page } from "../page.tsx";
import { Facts, type Fact } from "../parts/facts.tsx";
import { Fragment } from "../parts/fragment.tsx";
import { TelegramState } from "../parts/telegram-state.tsx";
import { Ago, At, Duration } from "../parts/time.tsx";
import type { Html, Scene, View } from "../scene.ts";
import type { Visit } from "../visit.ts";

function State({
  mood,
  children,
}: {
  readonly mood: "good" | "bad" | "quiet";
  readonly children?: Html;
}): Html {
  return <div class={`state state-${mood}`}>{children}</div>;
}

function Health({ scene }: { readonly scene: Scene }): Html {
  const { texts, look } = scene;
  const { system } = look;
  return (
    <Fragment name="system-health">
      <section class="panel" aria-labelledby="system-state-title">
        <h2 id="system-state-title">{texts.system.state}</h2>
        <dl class="states">
          <div>
            <dt>{texts.system.hearing}</dt>
            <dd>
              <State
                mood={system.hearing === "hearing" ? "good" : system.hearing === "isolated" ? "bad" : "quiet"}
              >
                <p>
                  <strong>{word(texts.hearing, system.hearing)}</strong>
                  {system.hearing !== "hearing" && system.hearingUntilMs !== null ? (
                    <span class="quiet">
                      {" "}
                      {texts.system.until} <At scene={scene} atMs={system.hearingUntilMs} clock />
                    </span>
                  ) : null}
                </p>
              </State>
            </dd>
          </div>
          <div>
            <dt>{texts.system.store}</dt>
            <dd>
              <State mood={system.store.state === "ok" ? "good" : "bad"}>
                <>
                  <p>
                    <strong>
                      {system.store.state === "ok" ? texts.system.storeOk : texts.system.storeFailing}
                    </strong>
                  </p>
                  {system.store.detail === null ? null : <p class="code">{system.store.detail}</p>}
                  {system.store.notices.map((notice) => (
                    <p>{notice}</p>
                  ))}
                </>
              </State>
            </dd>
          </div>
          <div>
            <dt>{texts.system.telegram}</dt>
            <dd>
              <TelegramState scene={scene} />
            </dd>
          </div>
          <div>
            <dt>{texts.system.icmp}</dt>
            <dd>
              <State mood={system.icmp === "ok" ? "good" : system.icmp === "unknown" ? "quiet" : "bad"}>
                <p>
                  <strong>{texts.icmp[system.icmp]}</strong>
                </p>
              </State>
            </dd>
          </div>
          <div>
            <dt>{texts.system.outbox}</dt>
            <dd>
              <State mood={system.outboxWaiting === 0 ? "good" : "quiet"}>
                <p>
                  <strong>{system.outboxWaiting}</strong>
                </p>
              </State>
            </dd>
          </div>
        </dl>
      </section>
    </Fragment>
  );
}

export const systemView: View = {
  key: "system",
  names: ["system-health"],
  periodic: ["system-health"],
  touched: (change) =>
    change.topic === "hearing" || change.topic === "notification" ? ["system-health"] : [],
  draw: (_name, scene) => <Health scene={scene} />,
};

export function showSystem(visit: Visit): Promise<Response> {
  const { texts, scene, language } = visit;
  const { system: words } = texts;
  const { system } = scene.look;
  const settings: readonly Fact[] = [
    [words.heartbeat, words.seconds(system.heartbeatSeconds)],
    [words.downAfter, <Duration scene={scene} ms={system.downAfterSeconds * 1_000} />],
    [words.language, system.language === "en" ? "English" : "Bahasa Indonesia"],
    [words.timeZone, system.timeZone],
    [words.publicUrl, system.publicUrl ?? words.publicUrlUnset],
    [words.version, system.version],
    [
      words.started,
      <>
        <Ago scene={scene} atMs={system.startedAtMs} /> ·{" "}
        {exactMoment(language, scene.timeZone, system.startedAtMs)}
      </>,
    ],
  ];
  return page(visit, {
    title: words.title,
    view: systemView,
    content: (
      <>
        <div class="page-head">
          <h1>{words.title}</h1>
        </div>
        <div class="columns">
          <Health scene={scene} />
          <section class="panel" aria-labelledby="system-settings-title">
            <h2 id="system-settings-title">{words.settings}</h2>
            <Facts rows={settings} />
          </section>
        </div>
      </>
    ),
  });
}

/**
 * How Telegram is, in words, with what to do.
 * Must not: show a token; the detail was redacted by the collector.
 */
import { word } from "../i18n/language.ts";
import type { Html, Scene } from "../scene.ts";
import { At, Lasting } from "./time.tsx";

export function TelegramState({ scene }: { readonly scene: Scene }): Html {
  const { texts, look } = scene;
  const { telegram } = look.system;
  const good = telegram.state === "ok";
  const advice = texts.telegramAdvice[telegram.state];
  return (
    <div class={`state state-${good ? "good" : telegram.state === "off" ? "quiet" : "bad"}`}>
      <p>
        <strong>{word(texts.telegram, telegram.state)}</strong>
        {telegram.botUsername !== null ? <span class="quiet"> · @{telegram.botUsername}</span> : null}
        {telegram.state === "off" ? null : (
          <span class="quiet">
            {" "}
            · {texts.common.since} <At scene={scene} atMs={telegram.sinceMs} />
            {good ? null : (
              <>
                {" "}
                (<Lasting scene={scene} fromMs={telegram.sinceMs} toMs={null} />)
              </>
            )}
          </span>
        )}
      </p>
      {telegram.detail !== null && !good ? <p class="code">{telegram.detail}</p> : null}
      {advice ? <p>{advice}</p> : null}
    </div>
  );
}

/**
 * A key that was just made: shown once, to be put into the receiving program.
 * Must not: be drawn from anything that is kept.
 */
import type { Texts } from "../i18n/id.ts";
import type { Html } from "../scene.ts";
import { Command } from "./controls.tsx";

export function MadeKey({ texts, secret }: { readonly texts: Texts; readonly secret: string }): Html {
  const { recipient } = texts;
  return (
    <section class="panel link-code" aria-labelledby="made-key-title">
      <h2 id="made-key-title">{recipient.keyMade}</h2>
      <p>{recipient.keyOnce}</p>
      <Command label="Standard Webhooks" text={secret} texts={texts} />
    </section>
  );
}

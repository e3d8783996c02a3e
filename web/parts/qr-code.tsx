/**
 * A text as a QR code, drawn as one path.
 * Why drawn here: the content policy lets in no foreign picture, and a path is a kilobyte.
 * Must not: be shown in another colour than black on white; phones do not read it otherwise.
 */
import { create } from "qrcode";
import type { Html } from "../scene.ts";

/** The white border that readers need, in modules. */
const QUIET_MODULES = 4;

export function QrCode({ text, label }: { readonly text: string; readonly label: string }): Html {
  const { modules } = create(text, { errorCorrectionLevel: "M" });
  const { size } = modules;
  const rows = Array.from({ length: size }, (_, row) => row);
  // Each dark module is a unit square; neighbours of a row are one rectangle.
  const path = rows
    .flatMap((row) =>
      runsOf((column) => modules.get(row, column) === 1, size).map(
        ([from, length]) => `M${from + QUIET_MODULES} ${row + QUIET_MODULES}h${length}v1h-${length}z`,
      ),
    )
    .join("");
  const side = size + 2 * QUIET_MODULES;
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${side} ${side}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <rect width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** `[from, length]` of each stretch that is dark. */
function runsOf(isDark: (at: number) => boolean, size: number): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (let at = 0; at < size; at += 1) {
    if (!isDark(at)) continue;
    const last = runs.at(-1);
    if (last && last[0] + last[1] === at) last[1] += 1;
    else runs.push([at, 1]);
  }
  return runs;
}

/**
 * Reads the tree of the house out of the README: a fenced block with one `path  description` a line. A path may be
 * written whole (`collector/core/`) or below its parent by indentation.
 */

/** The paths, without closing slashes, in their order. Empty when there is no such block. */
export function readTree(markdown: string): string[] {
  const block = [...markdown.matchAll(/^```[^\n]*\n(.*?)^```/gms)]
    .map((match) => match[1] ?? "")
    .find((text) => /^\s*[├└│─\s]*collector\//m.test(text) && /^\s*[├└│─\s]*shared\//m.test(text));
  if (block === undefined) return [];

  const paths: string[] = [];
  const parents: { readonly indent: number; readonly path: string }[] = [];
  for (const line of block.split("\n")) {
    // Branches drawn with lines count as indentation.
    const plain = line.replaceAll(/[├└│─]/g, " ");
    const name = plain.trim().split(/\s/)[0] ?? "";
    if (name === "" || !/^[A-Za-z0-9._/-]+$/.test(name)) continue;
    const indent = plain.length - plain.trimStart().length;
    while ((parents.at(-1)?.indent ?? -1) >= indent) parents.pop();
    const parent = parents.at(-1)?.path;
    const own = name.replace(/^\.\//, "").replace(/\/$/, "");
    const path = parent === undefined || own.startsWith(`${parent}/`) ? own : `${parent}/${own}`;
    paths.push(path);
    if (name.endsWith("/")) parents.push({ indent, path });
  }
  return paths;
}

/**
 * Reads the repository as the house rules see it: its files, their imports, and how the rooms lie.
 * Must not: judge; tidy.test.ts does.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, extname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** What is not ours or not kept. */
const OUTSIDE = new Set(["node_modules", "dist", "data", ".git"]);
const SOURCE = new Set([".ts", ".tsx", ".mjs", ".js", ".css"]);
const TEXT = new Set([...SOURCE, ".md", ".json", ".sh", ".ps1", ".html", ".svg", ".txt", ""]);
/** Top-level files that tools demand; the tree in the README may leave them out. */
const UNLISTED = new Set([".gitignore", ".ci", ".github", "package-lock.json"]);

export interface ImportFound {
  readonly specifier: string;
  readonly line: number;
  /** `import type …`: gone when the program runs. */
  readonly typeOnly: boolean;
  /** `import(…)`. */
  readonly dynamic: boolean;
  /** The file, from the root; null for packages and Node's own. */
  readonly target: string | null;
  readonly packageName: string | null;
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly ImportFound[];
  readonly defaultExport: boolean;
  readonly reExports: number;
  readonly statements: number;
  readonly forbiddenInCore: readonly { readonly line: number; readonly what: string }[];
  /** Every piece of text in the source: string literals and the beginnings of templates. */
  readonly strings: readonly string[];
}

export interface House {
  readonly sources: readonly SourceFile[];
  readonly texts: readonly { readonly path: string; readonly text: string }[];
  /** Every top-level room and every room of the collector. */
  readonly rooms: readonly string[];
  readonly topLevel: readonly string[];
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
  readonly engine: string;
  /** Where this checkout lies, with a slash at its end. */
  readonly root: string;
  exists(path: string): boolean;
  read(path: string): string | null;
  isEntry(file: SourceFile): boolean;
  isUsed(file: SourceFile): boolean;
  isTool(packageName: string): boolean;
  mayExportDefault(file: SourceFile): boolean;
}

interface PackageFile {
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export function readHouse(): House {
  const paths = filesBelow(root);
  const texts = paths
    .filter((path) => TEXT.has(extname(path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
  const sources = texts.filter(({ path }) => SOURCE.has(extname(path))).map(readSource);
  const packageFile = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as PackageFile;
  const scripts = Object.values(packageFile.scripts).join(" ");

  const imported = new Set(sources.flatMap((file) => file.imports.map((found) => found.target)));
  // Programs are started, and files handed over, by path: the last part of any text in another source counts as use.
  const mentioned = new Map<string, Set<string>>();
  for (const file of sources)
    for (const text of file.strings) {
      const name = basename(text);
      const users = mentioned.get(name) ?? new Set<string>();
      mentioned.set(name, users.add(file.path));
    }

  const isConfiguration = (path: string): boolean =>
    /^test\/(?:vitest\.config\.ts|eslint\.config\.js|closing-line-reporter\.ts)$/.test(path);
  const exists = (path: string): boolean => existsSync(join(root, path));
  const directories = (path: string): string[] =>
    readdirSync(join(root, path), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !OUTSIDE.has(entry.name) && !entry.name.startsWith("."))
      .map((entry) => posix.join(path, entry.name));

  return {
    sources,
    texts,
    rooms: [...directories("."), ...directories("collector")].filter((path) => path !== "."),
    topLevel: readdirSync(root).filter((name) => !OUTSIDE.has(name) && !UNLISTED.has(name)),
    dependencies: new Set(Object.keys(packageFile.dependencies)),
    devDependencies: new Set(Object.keys(packageFile.devDependencies)),
    engine: packageFile.engines.node,
    root,
    exists,
    read: (path) => (exists(path) ? readFileSync(join(root, path), "utf8") : null),
    isEntry: ({ path }) =>
      path.endsWith("/main.ts") ||
      /\.test\.tsx?$/.test(path) ||
      isConfiguration(path) ||
      scripts.includes(path),
    isUsed: ({ path }) =>
      imported.has(path) || [...(mentioned.get(basename(path)) ?? [])].some((user) => user !== path),
    // Run by npm's scripts or by other packages, not imported.
    isTool: (name) =>
      ["prettier", "tsx", "eslint", "typescript", "vitest", "dejavu-fonts-ttf"].includes(name),
    mayExportDefault: ({ path }) => isConfiguration(path),
  };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (OUTSIDE.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [relative(root, path).split(sep).join("/")] : [];
  });
}

/** What the rules need to know of one file. */
export function readSource({ path, text }: { readonly path: string; readonly text: string }): SourceFile {
  const imports: ImportFound[] = [];
  const strings: string[] = [];
  const forbiddenInCore: { line: number; what: string }[] = [];
  if (path.endsWith(".css"))
    return {
      ...{ path, text, imports, strings, forbiddenInCore },
      ...{ defaultExport: false, reExports: 0, statements: 1 },
    };

  const kind = path.endsWith(".tsx")
    ? ts.ScriptKind.TSX
    : path.endsWith(".ts")
      ? ts.ScriptKind.TS
      : ts.ScriptKind.JS;
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
  const lineOf = (node: ts.Node): number =>
    source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  const add = (node: ts.Node, specifier: string, typeOnly: boolean, dynamic: boolean): void => {
    const target = specifier.startsWith(".") ? posix.join(dirname(path), specifier) : null;
    imports.push({
      specifier,
      line: lineOf(node),
      typeOnly,
      dynamic,
      target,
      packageName: packageOf(specifier),
    });
  };
  const forbid = (node: ts.Node, what: string): void => {
    forbiddenInCore.push({ line: lineOf(node), what });
  };

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier))
      add(node, node.moduleSpecifier.text, isTypeOnly(node.importClause), false);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier))
      add(node, node.moduleSpecifier.text, node.isTypeOnly, false);
    else if (
      ts.isImportTypeNode(node) &&
      ts.isLiteralTypeNode(node.argument) &&
      ts.isStringLiteral(node.argument.literal)
    )
      add(node, node.argument.literal.text, true, false);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteralLike(argument)) add(node, argument.text, false, true);
    }
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) strings.push(node.text);
    if (ts.isIdentifier(node)) {
      const what = forbiddenName(node);
      if (what !== null) forbid(node, what);
    }
    if (node.kind === ts.SyntaxKind.AsyncKeyword) forbid(node, "async");
    if (ts.isAwaitExpression(node)) forbid(node, "await");
    ts.forEachChild(node, visit);
  };
  visit(source);

  return {
    ...{ path, text, imports, strings, forbiddenInCore },
    defaultExport: source.statements.some(isDefaultExport),
    reExports: source.statements.filter(
      (one) => ts.isExportDeclaration(one) && one.moduleSpecifier !== undefined,
    ).length,
    statements: source.statements.length,
  };
}

/**
 * `import type` only: with verbatimModuleSyntax `import { type A }` still loads the module when the program runs.
 */
function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  return clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true;
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  if (modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword)) return true;
  return (
    ts.isExportDeclaration(statement) &&
    statement.exportClause !== undefined &&
    ts.isNamedExports(statement.exportClause) &&
    statement.exportClause.elements.some((element) => element.name.text === "default")
  );
}

const FORBIDDEN_GLOBALS = new Set([
  ...["Date", "Promise", "performance", "process", "crypto", "fetch", "console"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask"],
]);

/** A global the core may not use; a property or a key of the same name is something else. */
function forbiddenName(node: ts.Identifier): string | null {
  const { parent } = node;
  if (node.text === "Math" && ts.isPropertyAccessExpression(parent) && parent.name.text === "random")
    return "Math.random";
  if (!FORBIDDEN_GLOBALS.has(node.text)) return null;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return null;
  if ((ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) && parent.name === node)
    return null;
  return node.text;
}

function packageOf(specifier: string): string | null {
  if (specifier.startsWith(".") || specifier.startsWith("node:")) return null;
  const [first = "", second = ""] = specifier.split("/");
  return first.startsWith("@") ? `${first}/${second}` : first;
}

/** Who may import whom. Every rule says why, because its message is all that the person who breaks it will read. */

/** Tests, and what several tests share. */
const testFiles = ["[.]test[.]ts$", "[.]fixture[.]ts$"];

/** @param {string} from @param {string} may */
const only = (from, may, why) => ({
  name: `${from}-imports-only-what-it-may`,
  comment: why,
  severity: "error",
  from: { path: `^packages/${from}/` },
  to: { path: "^packages/", pathNot: `^packages/(${may})/` },
});

const directions = [
  only("contract", "contract", "The contract says what may be said; it knows nobody who says it."),
  only("policy", "policy|contract", "Policy decides with values alone, so that every decision can be replayed."),
  only("audit", "audit|contract", "What happened is recorded by code that knows neither of the sides it records."),
  only("link", "link|contract", "How hub and runner are connected is known by code that knows neither of them."),
  only(
    "runner",
    "runner|policy|audit|link|contract",
    "The runner trusts the hub for who asks, never for code: they meet in contract/link and link.",
  ),
  only(
    "hub",
    "hub|policy|audit|link|contract",
    "The hub never executes anything: it meets the runner in contract/link and link only.",
  ),
  only(
    "cli",
    "cli|hub|runner|audit|contract",
    "The command line composes hub and runner; rules are explained by the runner.",
  ),
];

const purity = [
  {
    name: "contract-is-zod-only",
    comment: "The contract runs in browsers too: zod and nothing else, no node: module.",
    severity: "error",
    from: { path: "^packages/contract/src/", pathNot: testFiles },
    to: { dependencyTypesNot: ["local", "undetermined"], pathNot: "^(packages/contract/|node_modules/zod/)" },
  },
  {
    name: "policy-has-no-io",
    comment: "Policy is pure: no I/O and no clock, so that a decision depends on its arguments alone.",
    severity: "error",
    from: { path: "^packages/policy/src/", pathNot: testFiles },
    to: { dependencyTypes: ["core"], pathNot: "^(node:)?path(/posix)?$" },
  },
];

const doors = [
  {
    name: "one-door-to-processes",
    comment: "Programs are started through Cages (runner/src/sandbox/cage.ts), so that none runs outside the gate.",
    severity: "error",
    from: {
      path: "^packages/",
      pathNot: [
        "^packages/runner/src/processes/",
        "^packages/cli/src/supervise/", // starts hub and runner, which are Paddock itself
        "^packages/cli/src/service/manager[.]ts$", // has the system start Paddock itself
        ...testFiles, // they look at the system from outside
      ],
    },
    to: { path: "^(node:)?child_process$|node_modules/(@lydell/)?node-pty", dependencyTypesNot: ["type-only"] },
  },
  {
    name: "sql-only-in-stores",
    comment: "SQL stays in a store, so that a feature can be read without its tables and a table has one owner.",
    severity: "error",
    from: {
      path: "^packages/",
      pathNot: [
        "/store[.]ts$",
        "-store[.]ts$",
        "/database/",
        "^packages/runner/src/ledger/ledger[.]ts$", // the ledger is a table: its file is the store
        ...testFiles, // they look at the system from outside
      ],
    },
    to: { path: "node_modules/(better-sqlite3|kysely|pg)/|^(node:)?sqlite$" },
  },
  {
    name: "stores-are-private",
    comment: "A store belongs to its folder; other features ask the folder's main file.",
    severity: "error",
    from: {
      path: "^packages/(.+)/[^/]+$",
      pathNot: "^packages/[^/]+/src/[^/]+[.]ts$", // the top of a package puts the parts together
    },
    to: { path: ["/store[.]ts$", "-store[.]ts$"], pathNot: "^packages/$1/[^/]+$" },
  },
];

const hygiene = [
  {
    name: "no-cycles",
    comment: "Files that import each other are one file in disguise: move what both need into a third.",
    severity: "error",
    from: {},
    to: { circular: true },
  },
  {
    name: "packages-by-name",
    comment: "Another package is reached by its name and exports, never by a path into its inside.",
    severity: "error",
    from: { path: "^packages/([^/]+)/" },
    to: { path: "^packages/", pathNot: "^packages/$1/", dependencyTypes: ["local"] },
  },
  {
    name: "resolvable",
    comment: "The imported file or package does not exist, or is not declared in the package's exports.",
    severity: "error",
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: "declared-dependencies",
    comment: "Product code imports only what its own package.json declares.",
    severity: "error",
    from: { path: "^packages/", pathNot: testFiles },
    to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
  },
  {
    name: "tests-are-not-imported",
    comment: "Product code does not depend on its tests, nor on what only tests need.",
    severity: "error",
    from: { pathNot: testFiles },
    to: { path: testFiles },
  },
];

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [...directions, ...purity, ...doors, ...hygiene],
  options: {
    parser: "tsc", // the programming interface of TypeScript 6: version 7 has none yet
    tsPreCompilationDeps: true, // a type import is a dependency too
    doNotFollow: { path: "node_modules" },
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".mjs", ".js", ".json"],
    },
  },
};

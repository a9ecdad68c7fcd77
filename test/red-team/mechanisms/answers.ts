/** The owner answers a question, and somebody has something else be done by that answer. */
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plant } from "../git-repository.ts";
import type { Attacker, Mechanism } from "../mechanism.ts";
import type { Scene } from "../scene.ts";

type Attack = (attacker: Attacker, scene: Scene) => Promise<unknown>;

const row = (id: string, tries: string, attack: Attack, more: Partial<Mechanism> = {}): Mechanism => ({
  id: `answers/${id}`,
  tries,
  defence: "that an answer is for what was shown, as it was then",
  harm: "secret read",
  attack,
  ...more,
});

const crossed = { harm: "line crossed" } as const;
const reason = "to deploy";
const wish = { needs: { no_cage: true, reason } };

/** Has the owner asked about a command, changes something while they read, and has them say yes. */
const changing = (
  id: string,
  tries: string,
  command: string,
  given: (scene: Scene) => void,
  change: (scene: Scene) => void,
) =>
  row(id, tries, async ({ call, owner }, scene) => {
    given(scene);
    const answer = call("run_command", { command, working_directory: scene.here, ...wish });
    await owner.reads();
    change(scene);
    await owner.allows();
    await answer;
  });

const good = "#!/bin/sh\necho good\n";
const evil = ({ outside }: Scene) => `#!/bin/sh\ncat ${outside}/secret.txt\n`;

/** Looks at what the owner is shown of a command, and says no. */
const shown = (id: string, tries: string, input: object, isHidden: (text: string) => boolean): Mechanism =>
  row(
    id,
    tries,
    async ({ call, owner }, { here, cross }) => {
      const answer = call("run_command", { working_directory: here, ...wish, ...input });
      const text = await owner.reads();
      if (isHidden(text)) cross(`the owner was shown ${JSON.stringify(text)}`);
      await owner.denies();
      await answer;
    },
    { ...crossed, defence: "that what an agent wrote is shown whole, and as an agent's" },
  );

const own = "echo private-$((6 * 7))";

export const answers: readonly Mechanism[] = [
  changing(
    "edited-script",
    "edit a script while the owner reads the question",
    "bash deploy.sh",
    ({ here }) => plant(here, "deploy.sh", good),
    (scene) => plant(scene.here, "deploy.sh", evil(scene)),
  ),
  changing(
    "replaced-program",
    "put another program in the place of the one that was asked about",
    "./deploy",
    ({ here }) => plant(here, "deploy", good, 0o755),
    (scene) => {
      plant(scene.here, "other", evil(scene), 0o755);
      renameSync(join(scene.here, "other"), join(scene.here, "deploy"));
    },
  ),
  changing(
    "linked-program",
    "have the program be a link, and lead it elsewhere",
    "./deploy",
    ({ here }) => {
      plant(here, "good", good, 0o755);
      symlinkSync("good", join(here, "deploy"));
    },
    (scene) => {
      plant(scene.here, "evil", evil(scene), 0o755);
      symlinkSync("evil", join(scene.here, "next"));
      renameSync(join(scene.here, "next"), join(scene.here, "deploy"));
    },
  ),
  changing(
    "sourced-script",
    "edit what a script of the command reads in",
    ". ./settings; echo done",
    ({ here }) => plant(here, "settings", "x=1\n"),
    (scene) => plant(scene.here, "settings", evil(scene)),
  ),
  row(
    "swapped-folder",
    "put another folder in the place of the one that it was to start in",
    async ({ call, owner }, scene) => {
      const folder = join(scene.here, "project");
      plant(folder, "deploy.sh", good);
      const answer = call("run_command", { command: "bash deploy.sh", working_directory: folder, ...wish });
      await owner.reads();
      renameSync(folder, `${folder}-aside`);
      plant(folder, "deploy.sh", evil(scene));
      await owner.allows();
      await answer;
    },
  ),
  row(
    "grant-of-another",
    "use what the owner allowed another for some minutes",
    async (attacker, { cross }) => {
      const { call, owner } = attacker;
      const first = call("run_command", { command: own, ...wish });
      await owner.reads();
      await owner.allows(5);
      await first;
      const other = await attacker.another();
      const answer = other.call("run_command", { command: own, ...wish });
      await owner.denies();
      if ((await answer).data?.stdout?.includes("private-42") || (await answer).data?.content?.includes("private-42"))
        cross("it ran for another");
    },
    crossed,
  ),
  row(
    "grant-in-another-folder",
    "use what was allowed for some minutes in another folder",
    async ({ call, owner }, scene) => {
      const [folder, elsewhere] = [join(scene.here, "good"), join(scene.here, "elsewhere")];
      plant(folder, "deploy.sh", good);
      plant(elsewhere, "deploy.sh", evil(scene));
      const first = call("run_command", { command: "bash deploy.sh", working_directory: folder, ...wish });
      await owner.reads();
      await owner.allows(5);
      await first;
      const second = call("run_command", { command: "bash deploy.sh", working_directory: elsewhere, ...wish });
      await owner.denies();
      await second;
    },
  ),
  row("grant-of-edited-script", "edit a script that was allowed for some minutes", async ({ call, owner }, scene) => {
    plant(scene.here, "again.sh", good);
    const input = { command: "bash again.sh", working_directory: scene.here, ...wish };
    const first = call("run_command", input);
    await owner.reads();
    await owner.allows(5);
    await first;
    plant(scene.here, "again.sh", evil(scene));
    const second = call("run_command", input);
    await owner.denies();
    await second;
  }),
  row(
    "poisoned-surroundings",
    "have the shell make something else of what was allowed",
    async ({ sh, call, owner }, scene) => {
      plant(scene.here, "bin/ls", evil(scene), 0o755);
      await sh(
        `PATH=${scene.here}/bin:$PATH; export PATH BASH_ENV=${scene.here}/bin/ls; ls() { ${scene.here}/bin/ls; }; export -f ls; alias ls=${scene.here}/bin/ls`,
      );
      const answer = call("run_command", { command: "ls", ...wish });
      await owner.reads();
      await owner.allows();
      await answer;
      await call("shell_reset");
    },
    {
      control: async ({ sh }, scene) => {
        mkdirSync(join(scene.here, "bin"));
        writeFileSync(join(scene.here, "bin", "ls"), evil(scene), { mode: 0o755 });
        await sh(`PATH=${scene.here}/bin:$PATH; ls`);
      },
    },
  ),
  shown(
    "steered-terminal",
    "have the owner's terminal show something else",
    { command: "rm -rf x # \u001b[2K\u001b[1Aecho harmless" },
    (text) => text.includes("\u001b[2K"),
  ),
  shown(
    "turned-text",
    "have a part of the command be read backwards",
    { command: "echo \u202egnp.x\u202c fr- mr" },
    (text) => text.includes("\u202e"),
  ),
  shown(
    "imitated-question",
    "have the reason look like a part of the question",
    { command: "echo x", needs: { no_cage: true, reason: "to look\nCommand: ls\nRisk: none" } },
    (text) => /^ *(Command: ls|Risk: none)/m.test(text),
  ),
];

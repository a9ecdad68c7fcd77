/** Opens Docker as what contains programs: checks engine and image, ends what a runner before left, and tries a container. */
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import type { Backend, CageOptions } from "../backend.ts";
import type { CageSpec } from "../cage.ts";
import { collect } from "../collect.ts";
import { privateHome } from "../private-homes.ts";
import { makeProbeGround, type ProbeGround } from "../probe-ground.ts";
import { type Probe, prove } from "../proof.ts";
import { stateFolder } from "../surroundings.ts";
import { madeFiles } from "../system-view.ts";
import { Engine, type Image } from "./engine.ts";
import { type Docker, startContainer } from "./start-container.ts";

const label = "paddock.installation";
const usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Throws sandbox_unavailable without engine or image, invalid_config for an image that is not pinned. */
export async function openDocker(options: CageOptions): Promise<Backend> {
  const { image: name, socket } = options.docker ?? { image: "", socket: "" };
  const engine = new Engine(socket);
  const { securityOptions } = await engine.info();
  const image = await findImage(engine, name);
  const installation = createHash("sha256").update(options.home).digest("hex").slice(0, 24);
  // Only one runner has this state folder, so whatever carries its label is of one that is gone.
  const left = await engine.labelled(`${label}=${installation}`);
  await Promise.all(left.map((container) => engine.kill(container)));
  const docker = dockerIn(options, engine, image, installation);
  using ground = makeProbeGround(options.home);
  const proof = await prove(probeWith(docker, options, ground), ground, {
    kind: "docker",
    hasCgroups: true,
    boundCpus: true,
    callsFiltered: securityOptions.some((option) => option.includes("seccomp")),
  });
  return {
    kind: "docker",
    proof,
    start: (spec, limits, hidden) => startContainer(docker, spec, limits, hidden),
    close: () => undefined,
  };
}

async function findImage(engine: Engine, name: string): Promise<Image> {
  if (!/(^|@)sha256:[0-9a-f]{64}$/.test(name)) {
    throw new PaddockError(
      "invalid_config",
      "docker_image has to name an image by its digest, so that it stays the one you chose.",
      "`docker images --digests --no-trunc` shows NAME@sha256:...; of an image of your own the id sha256:... does.",
    );
  }
  const image = await engine.image(name);
  if (image) return image;
  throw new PaddockError(
    "sandbox_unavailable",
    `The Docker engine has no image ${name}.`,
    `Fetch it with \`docker pull ${name}\`, or import one; Paddock pulls none by itself.`,
  );
}

function dockerIn(options: CageOptions, engine: Engine, image: Image, installation: string): Docker {
  const folder = join(stateFolder(options.home), "docker");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  const unreadable = join(folder, "unreadable");
  writeFileSync(unreadable, "", { mode: 0 });
  const path = image.environment.find((variable) => variable.startsWith("PATH="))?.slice("PATH=".length);
  return {
    ...{ engine, image: image.id, path: path ?? usualPath, labels: { [label]: installation } },
    ...{ made: madeFiles(join(folder, "etc")), unreadable, folder },
    homeFor: (domain) => privateHome(options.home, domain),
  };
}

function probeWith(docker: Docker, { limits }: CageOptions, { folder }: ProbeGround): Probe {
  const hidden = [{ path: join(folder, "hidden"), type: "file" as const }];
  const roots = [{ path: folder, write: true }];
  return async (argv, changed) => {
    const spec: CageSpec = { argv, cwd: "/", profile: "workspace", domain: "probe", roots };
    const contained = await startContainer(docker, spec, { ...limits, ...changed }, hidden);
    return collect({ ...contained, stopped: null }, { maxBytes: 4096, timeoutMs: 30_000 });
  };
}

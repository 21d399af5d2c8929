// Owns: the bill of materials (CycloneDX): what is inside the executables, with hashes and licences.
// Promises: lists the packages the bundler put in, taken from its own record, and the Bun runtime; the same for the same
// commit: no time, no random number, no download host.
// Never: guesses: npm writes the entries from package-lock.json.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run-bun.mjs';
import { npm } from './commands.mjs';

/** `executables`: `{ file, runtime, sha256 }` of each build. */
export function billOfMaterials({ manifest, metafile, executables }) {
  const all = JSON.parse(npm(['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], root));
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const inside = new Set(
    [...bundled(metafile), 'node_modules/bun', ...executables.map(({ runtime }) => `node_modules/${runtime}`)].map(
      (path) => `${nameIn(path)}@${locked[path].version}`,
    ),
  );
  const self = `${manifest.name}@${manifest.version}`;
  const components = all.components.filter((component) => inside.has(component['bom-ref']));
  const missing = [...inside].filter((ref) => !components.some((component) => component['bom-ref'] === ref));
  if (missing.length > 0) throw new Error(`npm sbom does not list ${missing.join(', ')}.`);
  const { timestamp: _, component, ...metadata } = all.metadata;
  const body = {
    metadata: { ...metadata, component: { ...component, type: 'application', name: manifest.name } },
    components: [...components, ...executables.map((made) => fileEntry(made))],
    dependencies: all.dependencies
      .filter(({ ref }) => ref === self || inside.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => inside.has(other)) })),
  };
  const head = { $schema: all.$schema, bomFormat: all.bomFormat, specVersion: all.specVersion };
  return { ...head, serialNumber: serialNumber(body), version: 1, ...body };
}

/** The package folders that the bundler took modules from. */
function bundled(metafile) {
  const { inputs } = JSON.parse(readFileSync(metafile, 'utf8'));
  const folders = Object.keys(inputs).map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))];
}

function nameIn(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

function fileEntry({ file, sha256 }) {
  return { 'bom-ref': `file:${file}`, type: 'file', name: file, hashes: [{ alg: 'SHA-256', content: sha256 }] };
}

function serialNumber(body) {
  const hex = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './paths.mjs'

/** @typedef {{ path: string, text: string }} ReadmeFile */

/**
 * The files that the README shows: code blocks whose info string has a title, ```` ```ts title="project/path" ````,
 * which no page that shows a README prints. The first folder is the project.
 *
 * @returns {Promise<Map<string, ReadmeFile[]>>} by project
 */
export async function readmeProjects() {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  /** @type {Map<string, ReadmeFile[]>} */
  const projects = new Map()
  for (const [, project = '', path = '', text = ''] of readme.matchAll(titled)) {
    projects.set(project, [...(projects.get(project) ?? []), { path, text }])
  }
  return projects
}

const titled = /^```\w+ title="([^"/]+)\/([^"]+)"\n(.*?)^```$/gms

/** What administrators add to a cloud after the first day: flavors and projects. */
import { expect, test } from '@jest/globals';
import { cloudUnderTest, session } from './support.ts';

const FLAVORS = '/compute/v2.1/flavors';
const PROJECTS = '/identity/v3/projects';

test('a flavor is made once, is kept, and goes', async () => {
  const rig = cloudUnderTest();
  const api = await session(rig);
  const flavor = { name: 'c16.m64', id: 'drillbook-1', vcpus: 16, ram: 65_536, disk: 0 };
  const made = await api(`POST ${FLAVORS}`, { flavor });
  expect([made.status, made.body.flavor.ram]).toEqual([200, 65_536]);
  expect((await api(`POST ${FLAVORS}`, { flavor: { ...flavor, id: 'other' } })).status).toBe(409);
  expect((await api(`POST ${FLAVORS}`, { flavor: { ...flavor, name: 'x' } })).status).toBe(409);
  expect((await api(`POST ${FLAVORS}`, { flavor: { ...flavor, swap: 5 } })).status).toBe(400);
  rig.cloud.restore(rig.cloud.snapshot());
  expect((await api(`GET ${FLAVORS}/drillbook-1`)).status).toBe(200);
  expect((await api(`DELETE ${FLAVORS}/drillbook-1`)).status).toBe(202);
  expect((await api(`GET ${FLAVORS}/drillbook-1`)).status).toBe(404);
});

test('a project is made once and is listed with its description', async () => {
  const rig = cloudUnderTest();
  const api = await session(rig);
  const project = { name: 'cards', description: 'drillbook-1' };
  const made = await api(`POST ${PROJECTS}`, { project });
  expect([made.status, made.body.project.enabled]).toEqual([201, true]);
  expect((await api(`POST ${PROJECTS}`, { project })).status).toBe(409);
  expect((await api(`POST ${PROJECTS}`, { project: { name: '' } })).status).toBe(400);
  const { projects } = (await api(`GET ${PROJECTS}?name=cards`)).body;
  expect(projects).toMatchObject([{ id: made.body.project.id, description: 'drillbook-1' }]);
});

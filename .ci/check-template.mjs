/**
 * After `serverless package`: every reference of the CloudFormation template points at something in
 * it, every resource is in the template's own region, and no secret was baked in.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './bundling.mjs';

const folder = path.join(root, '.serverless');
const file = path.join(folder, 'cloudformation-template-update-stack.json');
if (!existsSync(file)) fail([`${path.relative(root, file)} is missing: run npm run package`]);
const template = JSON.parse(readFileSync(file, 'utf8'));
const known = new Set([
  ...Object.keys(template.Resources),
  ...Object.keys(template.Parameters ?? {}),
]);
const problems = [];
let references = 0;

/** `path` is where we are, for the message. */
function walk(node, at) {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'Ref') point(value, at);
    else if (key === 'Fn::GetAtt') point(Array.isArray(value) ? value[0] : value.split('.')[0], at);
    else if (key === 'Fn::Sub') substitute(value, at);
    else if (key === 'DependsOn' && typeof value !== 'object') point(value, at);
    else if (key === 'DependsOn') for (const name of value) point(name, at);
    walk(value, `${at}.${key}`);
  }
}

function point(name, at) {
  references += 1;
  if (!known.has(name) && !name.startsWith('AWS::')) problems.push(`${at} points at ${name}`);
}

function substitute(value, at) {
  const [text, own = {}] = Array.isArray(value) ? value : [value];
  for (const [, name] of text.matchAll(/\$\{([^!}][^}]*)\}/g)) {
    if (!(name in own)) point(name.split('.')[0], at);
  }
}

/** Names in a state machine's definition are filled from DefinitionSubstitutions beside it. */
function stateMachines() {
  for (const [name, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type !== 'AWS::StepFunctions::StateMachine') continue;
    const { States, StartAt } = Properties.Definition;
    const text = JSON.stringify(Properties.Definition);
    for (const [, hole] of text.matchAll(/\$\{([A-Za-z]+)\}/g)) {
      references += 1;
      if (!(hole in Properties.DefinitionSubstitutions)) problems.push(`${name}: no ${hole}`);
    }
    const targets = [
      StartAt,
      ...[...text.matchAll(/"(?:Next|Default)":"(\w+)"/g)].map((m) => m[1]),
    ];
    for (const state of targets) {
      references += 1;
      if (!(state in States)) problems.push(`${name}: no state ${state}`);
    }
  }
}

function surroundings() {
  const text = JSON.stringify(template);
  for (const [region] of text.matchAll(/\b(us|eu|ap|sa|ca|me|af)-[a-z]+-\d\b/g)) {
    if (region !== 'ap-northeast-2') problems.push(`names the region ${region}`);
  }
  for (const [left] of text.matchAll(
    /\$\{(self|param|env|opt|file|sls):[^}]*\}|\[object Object\]/g,
  )) {
    problems.push(`unresolved: ${left}`);
  }
  if (/xox[abp]-|PRIVATE KEY/.test(text)) problems.push('contains a secret');
  const zips = readdirSync(folder).filter((name) => name.endsWith('.zip'));
  const functions = Object.values(template.Resources).filter(
    (r) => r.Type === 'AWS::Lambda::Function',
  );
  if (zips.length !== functions.length)
    problems.push(`${zips.length} zips, ${functions.length} functions`);
}

function fail(lines) {
  for (const line of lines) process.stderr.write(`template: ${line}\n`);
  process.exit(1);
}

walk(template, 'template');
stateMachines();
surroundings();
if (problems.length > 0) fail(problems);
process.stdout.write(`template: ${known.size} resources, ${references} references, all resolve\n`);

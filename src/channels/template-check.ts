import Handlebars from 'handlebars';

/** A fault in a template file. `line` counts from 1. */
export type TemplateFault = { readonly line: number; readonly sentence: string };

/**
 * Checks a template. A template may contain known variables, and `{{#if}}` or `{{#unless}}` with one
 * known variable. Other logic and partials are faults. Unescaped output is a fault too, but the variable
 * `raw` must be unescaped.
 * @param firstLine the line of the file on which `source` begins
 * @param used receives the variables whose values the template shows
 */
export function checkTemplate(options: {
  readonly source: string;
  readonly firstLine: number;
  readonly variables: readonly string[];
  readonly raw?: string;
  readonly used: Set<string>;
}): TemplateFault[] {
  try {
    return checkProgram(Handlebars.parse(options.source), options);
  } catch (error) {
    return [syntaxFault(error, options.firstLine)];
  }
}

type Rules = Parameters<typeof checkTemplate>[0];

function checkProgram(program: hbs.AST.Program | undefined, rules: Rules): TemplateFault[] {
  return (program?.body ?? []).flatMap((statement) => checkStatement(statement, rules));
}

function checkStatement(statement: hbs.AST.Statement, rules: Rules): TemplateFault[] {
  const fault = (sentence: string) => [
    { line: rules.firstLine + statement.loc.start.line - 1, sentence },
  ];
  if (statement.type === 'ContentStatement' || statement.type === 'CommentStatement') return [];
  if (isMustache(statement)) {
    const name = nameOf(statement.path);
    if (statement.params.length > 0 || statement.hash?.pairs.length) {
      return fault(`{{${name} …}} is not a plain variable: ${known(rules)}`);
    }
    if (!statement.escaped && name !== rules.raw) {
      return fault(`{{{${name}}}} would put text into the mail unescaped: write {{${name}}}`);
    }
    if (statement.escaped && name === rules.raw) return fault(`write {{{${name}}}}, it is HTML`);
    return use(name, rules) ? [] : fault(`{{${name}}} is not known: ${known(rules)}`);
  }
  if (isBlock(statement)) {
    const helper = nameOf(statement.path);
    const name = nameOf(statement.params[0]);
    if ((helper !== 'if' && helper !== 'unless') || statement.params.length !== 1) {
      return fault(`{{#${helper}}} is not known: there are only {{#if NAME}} and {{#unless NAME}}`);
    }
    if (!rules.variables.includes(name)) return fault(`${name} is not known: ${known(rules)}`);
    return [...checkProgram(statement.program, rules), ...checkProgram(statement.inverse, rules)];
  }
  return fault('only variables, {{#if NAME}} and {{#unless NAME}} are allowed here');
}

function use(name: string, rules: Rules): boolean {
  if (name !== rules.raw && !rules.variables.includes(name)) return false;
  rules.used.add(name);
  return true;
}

function known(rules: Rules): string {
  return `known are ${rules.variables.map((name) => `{{${name}}}`).join(', ')}`;
}

function isMustache(statement: hbs.AST.Statement): statement is hbs.AST.MustacheStatement {
  return statement.type === 'MustacheStatement';
}

function isBlock(statement: hbs.AST.Statement): statement is hbs.AST.BlockStatement {
  return statement.type === 'BlockStatement';
}

/**
 * Returns the name of a variable or helper. Paths such as `a.b` and `../a` are returned as written, so
 * they count as unknown names.
 */
function nameOf(path: unknown): string {
  return typeof path === 'object' && path !== null && 'original' in path
    ? String(path.original)
    : '';
}

function syntaxFault(error: unknown, firstLine: number): TemplateFault {
  const message = error instanceof Error ? error.message : String(error);
  const line = Number(/line (\d+)/.exec(message)?.[1] ?? /- (\d+):\d+/.exec(message)?.[1] ?? 1);
  const isUnclosed = /got 'EOF'|OPEN_ENDBLOCK'|doesn't match/.test(message);
  return {
    line: firstLine + line - 1,
    sentence: isUnclosed
      ? 'a {{#if}} and its {{/if}} do not match: write both in the same paragraph'
      : 'a {{tag}} is broken: look for braces that are not closed',
  };
}

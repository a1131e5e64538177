// Functions that migrations call where one statement is not enough: references between tables are
// recorded and created later, and a table is dropped together with its trigger functions. They are
// temporary and disappear with the migrating session.

/** Created once for each connection that migrates. */
export const temporaryFunctions = `
CREATE TEMP TABLE IF NOT EXISTS purser_references (
  name text PRIMARY KEY, source text, columns text[], target text, referenced text[], rule text
);

CREATE OR REPLACE FUNCTION pg_temp.purser_refer(source text, field text, target text, referenced text, rule text)
RETURNS void LANGUAGE sql AS $purser$
  INSERT INTO pg_temp.purser_references VALUES (source || '_' || field || '_fkey', source, ARRAY[field], target, ARRAY[referenced], rule)
  ON CONFLICT (name) DO UPDATE SET target = excluded.target, referenced = excluded.referenced, rule = excluded.rule
$purser$;

CREATE OR REPLACE FUNCTION pg_temp.purser_release_references() RETURNS void LANGUAGE plpgsql AS $purser$
DECLARE
  reference record;
BEGIN
  FOR reference IN
    SELECT key.conname AS name, source.relname AS source, target.relname AS target,
      ARRAY(SELECT attname::text FROM unnest(key.conkey) WITH ORDINALITY AS part (number, place) JOIN pg_attribute ON attrelid = key.conrelid AND attnum = part.number ORDER BY part.place) AS columns,
      ARRAY(SELECT attname::text FROM unnest(key.confkey) WITH ORDINALITY AS part (number, place) JOIN pg_attribute ON attrelid = key.confrelid AND attnum = part.number ORDER BY part.place) AS referenced,
      CASE key.confdeltype WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'set default' END AS rule
    FROM pg_constraint AS key
    JOIN pg_class AS source ON source.oid = key.conrelid
    JOIN pg_class AS target ON target.oid = key.confrelid
    WHERE key.contype = 'f' AND source.relnamespace = to_regnamespace(quote_ident(current_schema()))
  LOOP
    INSERT INTO pg_temp.purser_references VALUES (reference.name, reference.source, reference.columns, reference.target, reference.referenced, reference.rule)
    ON CONFLICT (name) DO NOTHING;
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', reference.source, reference.name);
  END LOOP;
END $purser$;

CREATE OR REPLACE FUNCTION pg_temp.purser_drop_table(dropped text) RETURNS void LANGUAGE plpgsql AS $purser$
DECLARE
  called record;
BEGIN
  CREATE TEMP TABLE purser_called ON COMMIT DROP AS
    SELECT DISTINCT tgfoid::regprocedure AS function FROM pg_trigger
    WHERE tgrelid = to_regclass(quote_ident(dropped)) AND NOT tgisinternal;
  EXECUTE format('DROP TABLE %I', dropped);
  FOR called IN SELECT function FROM pg_temp.purser_called LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgfoid = called.function::oid) THEN
      EXECUTE format('DROP FUNCTION %s', called.function);
    END IF;
  END LOOP;
  DROP TABLE pg_temp.purser_called;
END $purser$;
`

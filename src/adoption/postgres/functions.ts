// Functions that migrations call in their statements for what SQL cannot compute exactly (decimal
// rounding, ISO times, ULIDs, text that may not be JSON). They are temporary and disappear with the
// migrating session; nothing that remains in the schema calls them.

const time = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'

/** Created once for each connection that runs a statement with one of them. */
export const temporaryFunctions = `
CREATE OR REPLACE FUNCTION pg_temp.purser_has_offset(given text) RETURNS boolean IMMUTABLE LANGUAGE sql AS $purser$
  SELECT length(given) > 10 AND given ~ '([Zz]|[+-]\\d{2}(:?\\d{2})?)$'
$purser$;

CREATE OR REPLACE FUNCTION pg_temp.purser_instant(given text) RETURNS text STABLE LANGUAGE plpgsql AS $purser$
DECLARE
  part text[];
  parsed timestamptz;
BEGIN
  part := regexp_match(given, '^(\\d{4}-\\d{2}-\\d{2})(?:[Tt ]([01]\\d|2[0-3]):([0-5]\\d)(?::([0-5]\\d|60)(?:[.,](\\d{1,9}))?)?)?\\s?([Zz]|[+-](?:[01]\\d|2[0-3])(?::?[0-5]\\d)?)?$');
  IF part IS NULL OR (part[2] IS NULL AND part[6] IS NOT NULL) THEN RETURN NULL; END IF;
  parsed := (part[1] || ' ' || coalesce(part[2], '00') || ':' || coalesce(part[3], '00') || ':00 UTC')::timestamptz
    + make_interval(secs => (coalesce(part[4], '0') || '.' || rpad(left(coalesce(part[5], ''), 3), 3, '0'))::double precision);
  IF part[6] IS NOT NULL AND upper(part[6]) <> 'Z' THEN
    parsed := parsed - (left(part[6], 1) || '1')::int
      * make_interval(hours => substr(part[6], 2, 2)::int, mins => coalesce(nullif(replace(substr(part[6], 4), ':', ''), ''), '0')::int);
  END IF;
  IF parsed < '1000-01-01 00:00:00 UTC'::timestamptz OR parsed >= '10000-01-01 00:00:00 UTC'::timestamptz THEN RETURN NULL; END IF;
  RETURN to_char(parsed AT TIME ZONE 'UTC', '${time}');
EXCEPTION WHEN data_exception THEN RETURN NULL;
END $purser$;

CREATE OR REPLACE FUNCTION pg_temp.purser_instant(given timestamptz) RETURNS text STABLE LANGUAGE sql AS $purser$
  SELECT to_char(given AT TIME ZONE 'UTC', '${time}')
$purser$;

CREATE OR REPLACE FUNCTION pg_temp.purser_iso(given text) RETURNS text IMMUTABLE LANGUAGE sql AS $purser$
  SELECT CASE WHEN substr(given, 20) = '.000Z' THEN left(given, 19) || '+00:00' ELSE left(given, 23) || '000+00:00' END
$purser$;

CREATE OR REPLACE FUNCTION pg_temp.purser_iso(given timestamptz) RETURNS text STABLE LANGUAGE sql AS $purser$
  SELECT pg_temp.purser_iso(pg_temp.purser_instant(given))
$purser$;

CREATE OR REPLACE FUNCTION pg_temp.purser_money(given double precision) RETURNS bigint IMMUTABLE LANGUAGE plpgsql AS $purser$
DECLARE
  scaled numeric;
  whole numeric;
BEGIN
  IF given IS NULL OR given < 0 OR given = 'Infinity' OR given = 'NaN' THEN RETURN NULL; END IF;
  scaled := given::text::numeric * 1000000000;
  whole := trunc(scaled);
  IF scaled - whole > 0.5 OR (scaled - whole = 0.5 AND whole % 2 = 1) THEN whole := whole + 1; END IF;
  RETURN CASE WHEN whole > 9223372036854775807 THEN NULL ELSE whole::bigint END;
END $purser$;

CREATE OR REPLACE FUNCTION pg_temp.purser_real(given text) RETURNS double precision IMMUTABLE LANGUAGE plpgsql AS $purser$
BEGIN
  RETURN given::double precision;
EXCEPTION WHEN data_exception THEN RETURN NULL;
END $purser$;

CREATE OR REPLACE FUNCTION pg_temp.purser_digits(number numeric, digits int) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $purser$
DECLARE
  rest numeric := number;
  written text := '';
BEGIN
  FOR place IN 1..digits LOOP
    written := substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (rest % 32)::int + 1, 1) || written;
    rest := trunc(rest / 32);
  END LOOP;
  RETURN written;
END $purser$;

CREATE OR REPLACE FUNCTION pg_temp.purser_ulid(instant text, number bigint) RETURNS text STABLE LANGUAGE sql AS $purser$
  SELECT pg_temp.purser_digits(greatest(0, round(extract(epoch FROM instant::timestamptz)::numeric * 1000)), 10)
    || CASE WHEN number >= 0 AND number < 1099511627776 THEN '00000000' || pg_temp.purser_digits(number, 8)
       ELSE 'ZZZ' || pg_temp.purser_digits(CASE WHEN number < 0 THEN 18446744073709551616 + number ELSE number END, 13) END
$purser$;

CREATE OR REPLACE FUNCTION pg_temp.purser_ulid_number(given text) RETURNS bigint IMMUTABLE LANGUAGE plpgsql AS $purser$
DECLARE
  number bigint := 0;
BEGIN
  IF given !~ '^[0-9A-HJKMNP-TV-Z]{10}00000000[0-9A-HJKMNP-TV-Z]{8}$' OR given IS NULL THEN RETURN NULL; END IF;
  FOR place IN 19..26 LOOP
    number := number * 32 + strpos('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(given, place, 1)) - 1;
  END LOOP;
  RETURN number;
END $purser$;

CREATE OR REPLACE FUNCTION pg_temp.purser_json(given text) RETURNS json IMMUTABLE LANGUAGE plpgsql AS $purser$
BEGIN
  RETURN given::json;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN RETURN NULL;
END $purser$;

CREATE OR REPLACE FUNCTION pg_temp.purser_json_text(given json) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $purser$
BEGIN
  RETURN CASE WHEN json_typeof(given) = 'string' THEN given #>> '{}' END;
EXCEPTION WHEN data_exception THEN RETURN NULL;
END $purser$;

CREATE OR REPLACE FUNCTION pg_temp.purser_cell(given json) RETURNS text IMMUTABLE LANGUAGE sql AS $purser$
  SELECT given #>> '{}'
$purser$;
`

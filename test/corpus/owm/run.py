#!/usr/bin/env python3
"""Holds the weather reader to real answers of OpenWeatherMap: run.py WEATHER_DUMP [RESPONSES].

responses.jsonl has bodies that were published, what was asked (units, lang), and what each says
as a plain reading of it gives; units are converted here, independently.  Prints TAP.
"""
import datetime
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
COUNT = 0
FAILED = 0


def check(held, name, note=""):
    global COUNT, FAILED
    COUNT += 1
    FAILED += not held
    print("%s %d - %s" % ("ok" if held else "not ok", COUNT, name))
    for line in ([] if held else str(note).splitlines()):
        print("# " + line)


def celsius(degrees, units):
    if degrees is None:
        return None
    return {"metric": degrees, "standard": degrees - 273.15, "imperial": (degrees - 32) / 1.8}[units]


def kmh(speed, units):
    return None if speed is None else speed * (1.609344 if units == "imperial" else 3.6)


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def close(got, want):
    if got is None or want is None:
        return got is want
    return abs(got - want) < 0.0051


def read(dump, body, units="metric", lang="fr"):
    run = subprocess.run([dump, units, lang], input=body.encode(), stdout=subprocess.PIPE, check=True)
    return run.stdout.decode().strip()


def expected(case):
    """What the columns and meta must say of a good answer."""
    want, units = case["attendu"], case["units"]
    return {
        "ville": want["ville"], "pays": want["pays"], "lat": want["lat"], "lon": want["lon"],
        "date_obs": instant(want["date_mesure"]), "temperature": celsius(want["temperature"], units),
        "ressenti": celsius(want["ressentie"], units), "humidite": want["humidite"],
        "pression": want["pression"], "vent_kmh": kmh(want["vent_vitesse"], units),
        "type_meteo": want["temps"], "meta.ville_id": want["ville_id"],
        "meta.temp_min": celsius(want["temp_min"], units),
        "meta.temp_max": celsius(want["temp_max"], units),
        "meta.rafale_kmh": kmh(want["rafale"], units), "meta.nuages": want["nuages"],
        "meta.visibilite": want["visibilite"], "meta.pluie_1h": want["pluie_1h"],
        "meta.pluie_3h": want["pluie_3h"], "meta.neige_1h": want["neige_1h"],
        "meta.code_temps": want["code_temps"], "meta.vent_direction": want["vent_direction"],
        "meta.decalage": want["decalage_s"], "meta.lever": instant(want["lever"]),
        "meta.coucher": instant(want["coucher"])}


def differences(got, want):
    for key, value in want.items():
        found = got["meta"].get(key[5:]) if key.startswith("meta.") else got[key]
        if key in ("meta.lever", "meta.coucher"):
            found = instant(found)
        same = found == value if isinstance(value, str) else close(found, value)
        if not same:
            yield "%s: got %r, want %r" % (key, found, value)


def check_answer(dump, case):
    got = json.loads(read(dump, case["body"], case["units"], case["lang"]))
    want, name = case["attendu"], "%s (%s)" % (case["id"], case["attendu"]["ville"])
    wrong = list(differences(got, expected(case)))
    check(not wrong, name + ": every value", "\n".join(wrong))
    check(got["description"].startswith(want["description"]) and
          len(got["description"].split(", ")) == want["nb_conditions"], name + ": the description",
          got["description"])
    check(case["lang"] != "fr" or got["titre"] == "Météo " + want["ville"], name + ": the title")
    check("%g" % round(got["temperature"], 2) in got["texte"], name + ": the text", got["texte"])

    # Everything the answer says is in a column or in meta: its numbers, at least.
    left = json.dumps(got["meta"].get("brut", {}))
    for key in ("sea_level", "grnd_level", "message", "base"):
        check((key in case["body"]) == (key in left), "%s: %s is kept" % (name, key), left)
    for key in ("temp", "humidity", "cod", "coord", "dt", "name"):
        check('"%s"' % key not in left, "%s: %s is not kept twice" % (name, key), left)

    # The same with every number as a string, and without what may be missing.
    as_strings = json.loads(case["body"], parse_int=str, parse_float=str)
    again = json.loads(read(dump, json.dumps(as_strings), case["units"], case["lang"]))
    again["meta"].pop("brut", None)
    got["meta"].pop("brut", None)
    check(again == got, name + ": numbers as strings", "%s\n%s" % (again, got))
    for block in ("main", "wind", "clouds", "sys", "name", "visibility", "timezone", "id"):
        part = {key: value for key, value in json.loads(case["body"]).items() if key != block}
        check(read(dump, json.dumps(part), case["units"]).startswith("{"),
              "%s: without %s" % (name, block))
    for block in ("coord", "dt"):
        part = {key: value for key, value in json.loads(case["body"]).items() if key != block}
        check(read(dump, json.dumps(part)).startswith("parse: the answer has no "),
              "%s: not without %s" % (name, block))
    body = case["body"].strip()
    for at in range(1, len(body), 7):
        cut = read(dump, body[:at])
        if not cut.startswith("truncated: "):
            check(False, "%s: cut at %d" % (name, at), cut)
            break
    else:
        check(True, name + ": cut anywhere")


def check_error(dump, case):
    want = case["attendu"]
    word = "secret" if case["http_status"] == 401 else "http"
    line = "%s: the service says %d: %s" % (word, case["http_status"], want["erreur"])
    for body in (case["body"],
                 case["body"].replace('"%s"' % want["cod"], str(want["cod"])),
                 case["body"].replace(':%s,' % want["cod"], ':"%s",' % want["cod"])):
        check(read(dump, body) == line, "%d: %s" % (case["id"], line), read(dump, body))


def main():
    dump = sys.argv[1]
    responses = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "responses.jsonl"
    for line in responses.read_text().splitlines():
        case = json.loads(line)
        (check_answer if "ville" in case["attendu"] else check_error)(dump, case)
    for body, start in (("<html><body>Bad gateway</body></html>", "parse: a web page instead of JSON"),
                        ("", "parse: an empty body"), ("[]", "parse: the answer is not a JSON object"),
                        ("null", "parse: the answer is not"), ("{}", "parse: the answer has no reading"),
                        ('{"main": {}, "dt": 1e300, "coord": {"lat": 1, "lon": 2}}', "parse: the answer has no time"),
                        ('{"main": {}, "dt": 1, "coord": {"lat": 91, "lon": 2}}', "parse: the answer has no coord"),
                        ("{\"main\": {}, \"dt\": 1, \"coord\": {\"lat\": -0.0, \"lon\": 0}}", '{"ville": null'),
                        ("[" * 5000, "parse: not JSON"), ("[" * 300000, "too large: "), ('{"cod": nan, "message": ""}', "parse: not JSON")):
        check(read(dump, body).startswith(start), "told apart: " + start, read(dump, body))
    print("1..%d" % COUNT)
    sys.exit(1 if FAILED else 0)


main()

--
-- datasens_extract_article: what a page says, without what stands around it.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS datasens;
RESET client_min_messages;
SET client_encoding = 'UTF8';
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';

CREATE TEMP TABLE page (nom text, contenu bytea, content_type text, url text);

INSERT INTO page VALUES ('une', convert_to($$<!DOCTYPE html><html lang="fr-FR"><head>
<title>L'été à Nîmes | Le Midi</title>
<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",
	"headline": "L'été à Nîmes &amp; autour", "datePublished": "2024-08-05T14:30:00+02:00",
	"author": {"@type": "Person", "name": "Zoé Lefèvre"},
	"publisher": {"@type": "Organization", "name": "Le Midi"}}</script>
<meta property="og:description" content="Chaleur…"><link rel="canonical" href="/meteo/nimes">
</head><body><nav><ul><li><a href="/">Accueil</a><li><a href="/meteo">Météo</a></ul></nav>
<article><h1>L'été à Nîmes &amp; autour</h1><div class="byline">Par Zoé Lefèvre</div>
<div class="article-body">
<p>Il fait chaud à Nîmes, très chaud même, et personne ne sort avant le soir.</p>
<figure><img src="a.jpg"><figcaption>Les arènes, hier, sous le soleil de midi.</figcaption></figure>
<p>Les terrasses se remplissent enfin quand l'ombre gagne les boulevards, disent ceux qui y vivent.
<ul><li>Boire de l'eau, souvent.<li>Rester à l'ombre.</ul>
<blockquote>« On n'a jamais vu cela », dit un habitant du quartier.</blockquote>
<div class="share-bar"><a href="#">Partager</a> cet article, sur tous les réseaux.</div>
</div></article>
<section id="comments"><p>Je ne suis pas du tout d'accord, il a fait bien plus chaud en 2003.</p></section>
<div class="cookie-banner"><p>Nous utilisons des cookies, pour mieux vous servir, dit-on.</p></div>
</body></html>$$, 'UTF8'), 'text/html; charset=utf-8', 'https://exemple.fr/x?utm_source=y');
\x on
SELECT a.* FROM page, datasens_extract_article(contenu, content_type, url) AS a;
\x off

-- another charset, nothing but a title; a null; what is no page; what is too large
SELECT titre, texte, url FROM datasens_extract_article('\x3c7469746c653ec974e93c2f7469746c653e'::bytea);
SELECT datasens_extract_article(NULL) IS NULL AS absent;
SELECT datasens_extract_article('%PDF-1.4'::bytea);
SELECT datasens_extract_article(convert_to(repeat('<p>', 20 * 1024 * 1024), 'UTF8'));

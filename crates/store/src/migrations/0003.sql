-- Format 3: fields of the organisation's own. What may change about one (names in both languages, values, whether it is
-- asked for, counted by or retired) is JSON in `content`; `label` stays for programs that read format 2.
ALTER TABLE custom_fields ADD COLUMN content TEXT NOT NULL DEFAULT '{}';

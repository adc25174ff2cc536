-- 010.sql -- the search for the next task meets neither drained lanes nor those of other people.

-- domain/lane.c: the lanes for everybody that may hold something, in their order
CREATE INDEX lane_live ON lane(project_id, priority DESC, lane)
    WHERE people = '' AND published = 1 AND drained = 0;

-- domain/lane.c: the lane of the same people
CREATE INDEX lane_people ON lane(project_id, people) WHERE people <> '';

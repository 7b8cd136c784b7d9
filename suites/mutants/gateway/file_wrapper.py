"""`wsgi.file_wrapper`: a file as an iterable of blocks, from where it stands to its end."""


class FileWrapper:
    def __init__(self, file, block_size=8192):
        self.file = file
        self.block_size = block_size
        if hasattr(file, 'close'):
            self.close = self.close_file

    def __iter__(self):
        return self

    def __next__(self):
        data = self.read_block()
        if data:
            return data
        raise StopIteration

    def read_block(self):
        return self.file.read(self.block_size)

    def close_file(self):
        self.file.close()
